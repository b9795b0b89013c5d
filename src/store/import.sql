-- SPDX-License-Identifier: MIT
-- What an import needs besides records.sql. Each batch is a transaction: locked, compared, copied in, counted.
--
-- New records go in by COPY, their values counted by the server, faster than by records.insert_batch, which derives
-- all of that from the documents. A test compares the outcome with records.recount.

-- name: import_lock  params: owner uuid  rows: version int8
-- Holds back the user's other writes until the transaction ends: what was looked up stays true.
select version from records.take_versions($1, 0);

-- name: import_hurry  params:  rows:
-- This batch need not be on the disk when it is committed: the import says that it is done only after its last one is,
-- and that takes all before it along.
set local synchronous_commit = off;

-- name: import_savepoint  params:  rows:
savepoint import_part;

-- name: import_undo  params:  rows:
-- Back to the savepoint, which stays.
rollback to savepoint import_part;

-- name: import_reserve  params: owner uuid, n int4  rows: uid int4, last_rid int4, version int8
-- Numbers for n records: those that follow last_rid and version.
select r.uid, r.last_rid, r.version from records.reserve($1, $2) r;

-- name: import_hashes  params: dup_keys text[]  rows: hash int8
-- What record.dup_hash is of each key, in order.
select hashtextextended(k.dup_key, 0) from unnest($1::text[]) with ordinality k (dup_key, o) order by k.o;

-- name: import_copy_records  params:  rows:
copy records.record (user_id, id, rid, version, changed, release_year, release_id, dup_hash, price_paid, created_at,
		     updated_at, artist, name, format, grade, label, catalog_number, search_text, purchased_at,
		     barcode) from stdin (format binary);

-- name: import_copy_docs  params:  rows:
copy records.record_doc (uid, rid, doc, terms) from stdin (format binary);

-- name: import_copy_pieces  params:  rows:
copy records.media_piece (user_id, record_id, index, id, kind, size_inch, speed_rpm, disc_grade, sides, notes) from stdin (format binary);

-- name: import_count_values
-- params: uid int4, kinds text[], vals text[], folded text[], counts int4[]
-- rows: done bool
-- How many of the new records have which value, as facet_counts would tell: sorted by kind and value.
select true from records.facets_add($1, $2::text[], $3::text[], $4::text[], $5::int4[]);

-- name: import_remember  params: owner uuid, job uuid, first_rid int4, last_rid int4, shift int8  rows:
-- The job made the records first_rid to last_rid, whose change versions are `shift` more than their numbers.
insert into ops.import_part (user_id, job_id, first_rid, last_rid, shift) values ($1, $2, $3, $4, $5);

-- name: import_update
-- params: owner uuid, job uuid, ids uuid[], versions int8[], docs text[], terms text[], dup_keys text[], search_texts text[]
-- rows: n int8
-- Changes records that are at these row versions; how many that were. With a job (else NULL), what they were before is
-- kept, once. The documents are read as they are when the statement begins.
with former as materialized (
	select i.place, r.rid, case when not exists (select from ops.import_part p
						     where p.user_id = $1 and p.job_id = $2 and r.rid between p.first_rid and p.last_rid) then d.doc end as doc
	from unnest($3::uuid[]) with ordinality i (id, place)
	join records.record r on r.user_id = $1 and r.id = i.id
	join records.user_state s on s.user_id = $1
	join records.record_doc d on d.uid = s.uid and d.rid = r.rid
	where $2::uuid is not null
), done as materialized (
	select c.place, c.change_version as changed
	from records.change_batch($1, $3::uuid[], $4::int8[], array_fill(false, array[cardinality($3::uuid[])]), $5::text[],
				  $6::text[], $7::text[], $8::text[]) c
), kept as (
	insert into ops.import_former as f (user_id, job_id, rid, changed, doc)
	select $1, $2, b.rid, n.changed, b.doc from former b join done n using (place)
	on conflict (user_id, job_id, rid) do update set changed = excluded.changed
)
select count(*) from done;

-- Undoing an import: first what it made (undo_made, until there is no more), then what it filled (undo_formers,
-- import_update, undo_forget, until there are none), each time as one transaction with how far it came.

-- name: undo_claim  params: job uuid  rows: mine bool
-- For this connection alone: a node that takes up at its start what another is still at leaves it there.
select pg_try_advisory_lock(hashtextextended(($1::uuid)::text, 7238451104));

-- name: undo_made  params: owner uuid, job uuid, most int4  rows: through int8, removed int8, kept int8, more bool
select through, removed, kept, more from ops.undo_made($1, $2, $3);

-- name: undo_formers  params: owner uuid, job uuid, most int4, bytes int8
-- rows: rid int4, there bool, unchanged bool, version int8, doc text
-- The first of those that the import filled, up to so many and so many bytes, one at least if there is one: the document
-- as it was before, and the row version now.
select f.rid, r.id is not null and r.deleted_at is null, r.id is not null and r.deleted_at is null and r.changed = f.changed,
       coalesce(r.version, 0)::int8, f.doc
from (select p.*, sum(octet_length(p.doc)) over (order by p.rid) - octet_length(p.doc) as before
      from (select * from ops.import_former where user_id = $1 and job_id = $2 order by rid limit $3::int4) p) f
left join records.record r on r.user_id = $1 and r.rid = f.rid
where f.before < $4::int8
order by f.rid;

-- name: undo_forget  params: owner uuid, job uuid, rid int4  rows:
-- Those up to this number are through.
delete from ops.import_former where user_id = $1 and job_id = $2 and rid <= $3;
