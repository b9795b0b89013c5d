-- SPDX-License-Identifier: MIT
-- Covers: which there are, whose, and how long they are kept. The functions are in migrations/0008_covers_shares.sql.

-- name: covers_add  params: owner uuid, digest text, bytes int4, quota int8  rows: id text
-- The id of the user's cover of that content, known from now on. NULL: the user's covers would be over the quota.
select records.cover_add($1, $2, $3::int4, $4);

-- name: covers_get  params: id text  rows: bytes int4
-- No row: there is no such cover.
select bytes from records.cover where id = $1;

-- name: covers_unknown  params: ids text[]  rows: id text
-- Those of the ids that are no cover's. While there are no covers at all none is unknown: a database that was just made,
-- for a dump to be loaded into, cannot say which files are of no use.
select i.id from unnest($1::text[]) i (id)
where exists (select from records.cover) and not exists (select from records.cover c where c.id = i.id);

-- name: covers_collect  params: before timestamptz, count int4  rows: n int8
-- Forgets those that no record has shown since before then: so many at most, to be asked again until it was fewer.
select records.collect_covers($1, $2);

-- name: covers_keep_content  params: id text, content bytea  rows: id text
-- The bytes, where servers share the database. Those that are there already are there anew.
insert into records.cover_content (id, content) values ($1, $2)
on conflict (id) do update set kept_at = now()
returning id;

-- name: covers_content  params: id text  rows: content bytea
select content from records.cover_content where id = $1;
