-- SPDX-License-Identifier: MIT
-- Search quality beside trigram similarity. Only in a transaction that is rolled back, and as the schema's owner.

-- name: bench_trigrams  params: owner uuid  rows: there bool
-- Prepares it for a user's records; false: not to be had here.
select ops.bench_trigrams($1);

-- name: bench_similar  params: query text, count int4  rows: rid int4
-- The folded query's records, the most similar first.
select s.rid from ops.bench_similar($1, $2::int4) s;
