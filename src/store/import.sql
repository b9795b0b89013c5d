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
		     updated_at, artist, name, format, grade, label, catalog_number, search_text) from stdin (format binary);

-- name: import_copy_docs  params:  rows:
copy records.record_doc (uid, rid, doc, terms) from stdin (format binary);

-- name: import_copy_pieces  params:  rows:
copy records.media_piece (user_id, record_id, index, id, kind, size_inch, speed_rpm, disc_grade, sides, notes) from stdin (format binary);

-- name: import_count_values
-- params: uid int4, kinds text[], vals text[], folded text[], counts int4[]
-- rows: done bool
-- How many of the new records have which value, as facet_counts would tell: sorted by kind and value.
select true from records.facets_add($1, $2::text[], $3::text[], $4::text[], $5::int4[]);
