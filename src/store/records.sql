-- SPDX-License-Identifier: MIT
-- Records: reading and writing. Searching is in search.sql; the functions are in migrations/0001_records.sql.
--
-- `doc` is a record's whole JSON as clients see it, rendered by the server before a write and returned verbatim.
-- Of it the database reads: artist, name, format, label, catalogNumber, recordGrade, releaseYear, discogsReleaseId,
-- pricePaid, purchasedAt, barcode, createdAt, updatedAt, version, mediaPieces. `terms` (packed, joined by line feeds), `dup_key` and
-- `search_text` come from fold_record (codec/fold.h). A *row version* is the record's own `version`; a *change version*
-- is the user's, which moves on by one with each changed record and is told to channel recordd_changed as
-- `u<user id>:<version>`.

-- name: records_insert  params: owner uuid, id uuid, doc text, terms text, dup_key text, search_text text
-- rows: change_version int8
-- expects: 23505 23503
-- A new record; 23505 when the id is taken, 23503 when its cover is not one of the owner's.
select records.insert_batch($1, array[$2::uuid], array[$3::text], array[$4::text], array[$5::text], array[$6::text]);

-- name: records_update
-- params: owner uuid, id uuid, expected_version int8, doc text, terms text, dup_key text, search_text text
-- rows: change_version int8
-- expects: 23503
-- Puts the new document in place; createdAt stays. No row: not there, in the trash, or someone was first (NULL expects any).
-- 23503: its cover is not one of the owner's.
select v from records.update_one($1, $2, $3, $4, $5, $6, $7) v where v is not null;

-- name: records_delete  params: owner uuid, id uuid, expected_version int8  rows: change_version int8
-- Into the trash. No row: not there, in the trash already, or another version (NULL expects any).
select v from records.move_one($1, $2, $3, true) v where v is not null;

-- name: records_restore  params: owner uuid, id uuid  rows: change_version int8, doc text
-- Out of the trash. No row: not in it.
select v, d.doc
from records.move_one($1, $2, null, false) v
join records.user_state s on s.user_id = $1
join records.record r on r.user_id = $1 and r.id = $2
join records.record_doc d on d.uid = s.uid and d.rid = r.rid
where v is not null;

-- name: records_get  params: owner uuid, id uuid  rows: doc text, version int8, deleted bool
-- One record, in the trash or not.
select d.doc, r.version::int8, r.deleted_at is not null
from records.record r
join records.user_state s using (user_id)
join records.record_doc d on d.uid = s.uid and d.rid = r.rid
where r.user_id = $1 and r.id = $2;

-- name: records_get_many  params: owner uuid, ids uuid[]  rows: id uuid, doc text, version int8
-- Those of the ids that are there and not in the trash, in the order asked for.
select r.id, d.doc, r.version::int8
from unnest($2::uuid[]) with ordinality i (id, o)
join records.record r on r.user_id = $1 and r.id = i.id and r.deleted_at is null
join records.user_state s on s.user_id = $1
join records.record_doc d on d.uid = s.uid and d.rid = r.rid
order by i.o;

-- name: records_get_batch  params: owner uuid, ids uuid[]  rows: doc text, version int8, deleted bool
-- A row for each of the ids, in their order: doc is NULL when there is no such record.
select d.doc, coalesce(r.version, 0)::int8, r.deleted_at is not null
from unnest($2::uuid[]) with ordinality i (id, o)
left join records.record r on r.user_id = $1 and r.id = i.id
left join records.user_state s on s.user_id = $1
left join records.record_doc d on d.uid = s.uid and d.rid = r.rid
order by i.o;

-- name: records_change_batch
-- params: owner uuid, ids uuid[], expected int8[], deleted text[], docs text[], terms text[], dup_keys text[], search_texts text[]
-- rows: place int8, change_version int8
-- expects: 23503
-- Many at once, none twice, each for itself: with a document it is that from now on, without it is moved into the trash (deleted
-- 'true') or out of it. A row for each that was done, with its place from 1, in order: not for one that is not where it was
-- expected, or has another row version than expected (NULL: any).
select c.place, c.change_version
from records.change_batch($1, $2, $3, ($4::text[])::bool[], $5, $6, $7, $8) c
order by c.place;

-- name: records_unknown_covers  params: owner uuid, covers text[]  rows: cover text
-- Those of the addresses that are none of the owner's covers.
select i.cover from unnest($2::text[]) i (cover)
where not exists (select from records.cover c where '/covers/' || c.id = i.cover and c.user_id = $1);

-- name: records_list
-- params: owner uuid, formats text[], labels text[], artists text[], grades text[], years int2[], decades int2[], barcodes text[], words text[], sort text, after_key text, after_id uuid, skip int8, count int8
-- rows: id uuid, sort_key text, doc text
-- A page. Filters: empty for any; labels and artists fold_key'ed; grades as stored; words folded, each must be contained in
-- artist, name, catalogue number or label. sort: a name of records_page.c, with '-' before it for descending.
-- after_key and after_id: the last row's sort_key and id (keyset), or NULL.
select l.id, l.sort_key, l.doc from records.list($1, row($2::text[], $3::text[], $4::text[], $5::text[], $6::int2[], $7::int2[], $8::text[], $9::text[])::records.filters, $10, $11, $12, $13, $14) l;

-- name: records_order
-- params: owner uuid, formats text[], labels text[], artists text[], grades text[], years int2[], decades int2[], barcodes text[], words text[], sort text, rids int4[], among bool
-- rows: version int8, rids text
-- reads: replica
-- The numbers of all the records of such a list in its order, as an array's text, and the user's change version. among: of
-- the records with the given numbers only, in the order of these when sort is empty.
select coalesce((select version from records.user_state where user_id = $1), 0),
       records.order_of($1, row($2::text[], $3::text[], $4::text[], $5::text[], $6::int2[], $7::int2[], $8::text[], $9::text[])::records.filters, $10, case when $12::bool then $11::int4[] end);

-- name: records_page_in_order  params: owner uuid, rids int4[], sort text
-- rows: version int8, docs text, last_id uuid, last_key text
-- The records with these numbers as a JSON array in this order, those left out that are not there any more, the user's
-- change version from the same snapshot, and what a cursor says of the last one.
select p.version, p.docs, p.last_id, p.last_key from records.page_in_order($1, $2, $3) p;

-- name: records_insights  params: owner uuid  rows: version int8, body text
-- reads: replica
-- What the collection amounts to, as JSON, and the user's change version.
select coalesce((select version from records.user_state where user_id = $1), 0), records.insights($1);

-- name: records_likely
-- params: owner uuid, rids int4[], artist text, name text, format text, catalog text, barcode text, count int4
-- rows: version int8, docs text
-- reads: replica
-- A JSON array of those with the barcode, and of those of these numbers that are the same record as far as is known; texts folded,
-- but for the format.
select coalesce((select version from records.user_state where user_id = $1), 0),
       records.likely($1, $2, $3, $4, $5, $6, $7, $8);

-- name: records_recent  params: owner uuid, count int8  rows: doc text
-- The newest by updatedAt.
select d.doc
from records.user_state s
cross join lateral (
	select r.rid, r.updated_at, r.id from records.record r
	where r.user_id = s.user_id and r.deleted_at is null
	order by r.updated_at desc, r.id desc limit $2) r
join records.record_doc d on d.uid = s.uid and d.rid = r.rid
where s.user_id = $1
order by r.updated_at desc, r.id desc;

-- name: records_trash  params: owner uuid, skip int8, count int8  rows: doc text, deleted_at timestamptz
-- What can be restored, latest deletion first.
select d.doc, r.deleted_at
from records.record r
join records.user_state s using (user_id)
join records.record_doc d on d.uid = s.uid and d.rid = r.rid
where r.user_id = $1 and r.deleted_at is not null
order by r.deleted_at desc, r.id desc
offset $2 limit $3;

-- name: records_purge  params: before timestamptz, count int4  rows: n int8
-- Ends for good what was put into the trash before then, whoever's it is: so many records at most, to be asked again
-- until it was fewer.
select records.purge($1, $2);

-- name: records_changes  params: owner uuid, since int8, count int8
-- rows: version int8, id uuid, deleted bool, doc text
-- What changed after the change version `since`, oldest first; a record once, as it is now. doc is NULL where deleted.
select r.changed, r.id, r.deleted_at is not null, case when r.deleted_at is null then d.doc end
from records.record r
join records.user_state s using (user_id)
join records.record_doc d on d.uid = s.uid and d.rid = r.rid
where r.user_id = $1 and r.changed > $2
order by r.changed
limit $3;

-- name: records_stats  params: owner uuid  rows: version int8, horizon int8, n int8
-- The user's change version, how many records there are, and up to which change version deletions may have been
-- purged (a copy older than that has to be made anew). No row: no record was ever written.
select version, horizon, n_records::int8 from records.user_state where user_id = $1;

-- name: records_versions  params: owners uuid[]  rows: owner uuid, version int8
-- Their change versions; 0 for who has never written.
select o, coalesce(s.version, 0)
from unnest($1::uuid[]) o left join records.user_state s on s.user_id = o;

-- name: records_export_page  params: owner uuid, after_id uuid, count int8  rows: id uuid, doc text
-- All records by id; after_id NULL for the first page.
select r.id, d.doc
from records.user_state s
cross join lateral (
	select r.rid, r.id from records.record r
	where r.user_id = s.user_id and r.deleted_at is null
	and r.id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')
	order by r.id limit $3) r
join records.record_doc d on d.uid = s.uid and d.rid = r.rid
where s.user_id = $1
order by r.id;

-- name: records_stream_page  params: owner uuid, after int4, count int8  rows: rid int4, doc text
-- All records in the order in which they were added, behind the number `after`; doc is NULL in the trash. Documents lie
-- in this order, and there is one index to read them by: no plan can go wrong before the statistics are there. The
-- index record_trashed tells of the trash; by `limit`, it is asked for each record and never read whole.
select d.rid, case when (
	select r.rid from records.record r
	where r.user_id = s.user_id and r.rid = d.rid and r.deleted_at is not null limit 1) is null then d.doc end
from records.user_state s
cross join lateral (
	select d.rid, d.doc from records.record_doc d
	where d.uid = s.uid and d.rid > $2 order by d.rid limit $3) d
where s.user_id = $1
order by d.rid;

-- name: records_stream_found  params: owner uuid, rids int4[]  rows: doc text
-- The records with these numbers in this order, as many rows; those left out that are not there any more.
select d.doc
from records.user_state s
cross join unnest($2::int4[]) with ordinality i (rid, place)
cross join lateral (select d.doc from records.record_doc d where d.uid = s.uid and d.rid = i.rid offset 0) d
where s.user_id = $1
order by i.place;

-- name: records_add_aliases  params: owner uuid, id uuid, folded text[], terms text[], most int8  rows: added int8
-- folded: fold_key'ed aliases; terms: the packed terms of each (fold_alias).
-- No row: no such record. -1: it would have more than `most` then, and has what it had.
select a.n from (
	select case when (select count(*) from (select term from records.alias where user_id = $1 and record_id = $2
						union select unnest($3::text[])) t) > $5 then -1
	       else records.add_aliases($1, $2, $3::text[], $4::text[]) end as n) a
where a.n is not null;

-- name: records_find_duplicates  params: owner uuid, dup_keys text[], release_ids int8[]
-- rows: place int8, id uuid, version int8, doc text
-- For each place (from 1) of the two arrays the oldest record with the same release id or duplicate key, if any.
-- A release id of 0 is none, and not looked up. Each `offset 0` keeps the conditions apart, so that no other index
-- is taken.
select i.place, f.id, f.version::int8, d.doc
from unnest($2::text[], $3::int8[]) with ordinality i (dup_key, release_id, place)
cross join lateral (
	select r.rid, r.id, r.version from (
		(select * from (
			select * from records.record
			where i.release_id <> 0 and uuid_hash_extended(user_id, release_id) = uuid_hash_extended($1, i.release_id)
			and release_id is not null and deleted_at is null offset 0) r
		 where user_id = $1 and release_id = i.release_id order by rid limit 1)
		union all
		(select * from (
			select * from records.record
			where uuid_hash_extended(user_id, dup_hash) = uuid_hash_extended($1, hashtextextended(i.dup_key, 0))
			and deleted_at is null offset 0) r
		 where user_id = $1 and dup_hash = hashtextextended(i.dup_key, 0) order by rid limit 1)) r
	limit 1) f
join records.user_state s on s.user_id = $1
join records.record_doc d on d.uid = s.uid and d.rid = f.rid
order by i.place;
