-- SPDX-License-Identifier: MIT
-- Shares: links by which anybody who has one may look at a record or a collection. What is read here is never kept in
-- memory, so that a link that is revoked is dead at once, on every server.

-- name: shares_list  params: owner uuid, id uuid
-- rows: id uuid, record_id uuid, title text, show_prices bool, show_notes bool, token text, views int8, created_at timestamptz, expires_at timestamptz
-- The user's, the newest first; with an id that one only.
select id, record_id, title, show_prices, show_notes, token, views, created_at, expires_at
from auth.share where user_id = $1 and ($2::uuid is null or id = $2)
order by created_at desc, id;

-- name: shares_add
-- params: owner uuid, id uuid, record_id uuid, title text, show_prices bool, show_notes bool, token text, digest text, expires_at timestamptz, most int8
-- rows: known bool, room bool
-- known: the record is the user's and not in the trash. room: there were fewer than `most`. It is added where both are.
with facts as (
	select $3::uuid is null or exists (select from records.record r where r.user_id = $1 and r.id = $3 and r.deleted_at is null) as known,
	       (select count(*) from auth.share s where s.user_id = $1) < $10 as room
), added as (
	insert into auth.share (id, user_id, record_id, title, show_prices, show_notes, token, digest, expires_at)
	select $2, $1, $3, $4, $5, $6, $7, $8, $9 from facts where known and room
)
select known, room from facts;

-- name: shares_change
-- params: owner uuid, id uuid, sets_title bool, title text, show_prices int4, show_notes int4, sets_expiry bool, expires_at timestamptz
-- rows: id uuid
-- Changes what is given: flags that are not NULL, texts and times that are said to be set.
update auth.share set
	title = case when $3 then $4 else title end,
	show_prices = coalesce($5::int4::bool, show_prices),
	show_notes = coalesce($6::int4::bool, show_notes),
	expires_at = case when $7 then $8 else expires_at end
where user_id = $1 and id = $2
returning id;

-- name: shares_remove  params: owner uuid, id uuid  rows: id uuid
delete from auth.share where user_id = $1 and id = $2 returning id;

-- name: shares_open  params: digest text, counts bool
-- rows: id uuid, owner uuid, record_id uuid, title text, show_prices bool, show_notes bool, n int8, doc text
-- The share of a token's digest, if it is not over: whose it is, how many records it shows, and the record of a share
-- of one. No row: unknown, over, or its record is gone. counts: it is one more view.
with found as (
	select s.* from auth.share s where s.digest = $1 and (s.expires_at is null or s.expires_at > now())
), counted as (
	update auth.share s set views = s.views + 1 from found f where s.id = f.id and $2
)
select f.id, f.user_id, f.record_id, f.title, f.show_prices, f.show_notes,
       case when f.record_id is null then coalesce(u.n_records, 0) else 1 end::int8, d.doc
from found f
left join records.user_state u on u.user_id = f.user_id
left join records.record r on r.user_id = f.user_id and r.id = f.record_id and r.deleted_at is null
left join records.record_doc d on d.uid = u.uid and d.rid = r.rid
where f.record_id is null or d.doc is not null;

-- name: shares_page  params: owner uuid, skip int8, count int8  rows: doc text
-- A page of the whole collection, newest change first.
select d.doc
from records.user_state s
cross join lateral (
	select r.rid, r.updated_at, r.id from records.record r
	where r.user_id = s.user_id and r.deleted_at is null
	order by r.updated_at desc, r.id desc offset $2 limit $3) r
join records.record_doc d on d.uid = s.uid and d.rid = r.rid
where s.user_id = $1
order by r.updated_at desc, r.id desc;

-- name: shares_search  params: owner uuid, words text[], skip int8, count int8  rows: n int8, doc text
-- A page of those that have each of the folded words in artist, name, catalogue number or label, and how many there are.
-- One row at least: without a record its doc is NULL.
with found as materialized (
	select r.rid, r.updated_at, r.id from records.record r
	where r.user_id = $1 and r.deleted_at is null
	and not exists (select from unnest($2::text[]) w (word) where position(w.word in r.search_text) = 0)
)
select (select count(*) from found), p.doc
from (values (1)) one
left join (select f.updated_at, f.id, d.doc
	   from (select * from found order by updated_at desc, id desc offset $3 limit $4) f
	   join records.user_state s on s.user_id = $1
	   join records.record_doc d on d.uid = s.uid and d.rid = f.rid) p on true
order by p.updated_at desc, p.id desc;
