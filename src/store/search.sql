-- SPDX-License-Identifier: MIT
-- Searching; the functions are in migrations/0004_search.sql. Words, phrases and keys come from fold_query
-- (codec/fold.h). Bodies come back finished: nothing is rendered between the database and the client. With each comes
-- the user's change version: what it tells of is of that version, or of a later one.

-- name: search_records  params: owner uuid, words text[], phrase text, count int4, skip int4
-- rows: docs text, total int8, corrected text, version int8
-- reads: replica
-- A page, best first, as a JSON array of records; total is NULL where counting was not cheap; corrected is the query
-- as it was understood, NULL where it was taken as it is.
select s.docs, s.total, s.corrected,
	coalesce((select u.version from records.user_state u where u.user_id = $1), 0)
from records.search($1, $2, $3, $4::int4, $5::int4) s;

-- name: search_containing  params: owner uuid, key text, count int4, skip int4  rows: docs text, version int8
-- reads: replica
-- Records with the folded text in artist, name, catalogue number or label, the newest first.
select records.containing($1, $2, $3::int4, $4::int4),
	coalesce((select u.version from records.user_state u where u.user_id = $1), 0);

-- name: search_autocomplete  params: owner uuid, field text, key text, words text[], count int4  rows: body text, version int8
-- reads: replica
-- field: artist, label or catalog.
select records.autocomplete($1, $2, $3, $4, $5::int4),
	coalesce((select u.version from records.user_state u where u.user_id = $1), 0);

-- name: search_facets  params: owner uuid, words text[], count int4  rows: body text, version int8
-- reads: replica
-- Without words: of all records.
select records.facets($1, $2, $3::int4),
	coalesce((select u.version from records.user_state u where u.user_id = $1), 0);

-- name: search_price_stats  params: owner uuid, words text[]  rows: body text, version int8
-- reads: replica
-- Without words: of all records.
select records.price_stats($1, $2),
	coalesce((select u.version from records.user_state u where u.user_id = $1), 0);
