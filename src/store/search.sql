-- SPDX-License-Identifier: MIT
-- Searching: what an index in memory is made of, and what belongs to the record numbers it finds. The functions are in
-- migrations/0004_search.sql and 0005_search_memory.sql; keys come from fold_query (codec/fold.h). Bodies come back
-- finished: nothing is rendered between the database and the client.
-- With each comes the user's change version: what it tells of is of that version, or of a later one.

-- name: search_changes  params: owner uuid, since int8, count int8
-- rows: version int8, horizon int8, changed int8, rid int4, gone bool, terms text, alias_terms text
-- reads: replica
-- What a search index needs: the records changed after the change version `since`, in the order of their changes, a
-- record once, as it is now; packed terms joined by line feeds, alias_terms NULL without any. In each row, from the
-- same snapshot, the user's change version and up to which one deletions may have been purged: an index older than
-- that must be made anew. gone: in the trash, terms is NULL. One row at least: without a change its changed is NULL,
-- and a user without records is at version 0.
select coalesce(s.version, 0), coalesce(s.horizon, 0), c.changed, c.rid, c.gone, c.terms, c.alias_terms
from (values (1)) one
left join records.user_state s on s.user_id = $1
left join lateral (
	select r.changed, r.rid, r.deleted_at is not null as gone,
	       case when r.deleted_at is null then d.terms end as terms,
	       case when r.deleted_at is null then d.alias_terms end as alias_terms
	from records.record r
	join records.record_doc d on d.uid = s.uid and d.rid = r.rid
	where r.user_id = $1 and r.changed > $2
	order by r.changed
	limit $3) c on true
order by c.changed;

-- name: search_page  params: owner uuid, rids int4[]  rows: version int8, docs text
-- reads: replica
-- The records with these numbers as a JSON array in this order, those left out that are not there any more, and the
-- user's change version from the same snapshot: 0 for a user without records. Always one row.
select p.version, p.docs from records.page_of($1, $2) p;

-- name: search_facets_all  params: owner uuid, count int4  rows: version int8, body text
-- reads: replica
-- How many records have which format, label, year, decade, artist and grade; the most frequent of each.
select coalesce((select version from records.user_state where user_id = $1), 0), records.facets($1, $2);

-- name: search_facets_of
-- params: owner uuid, formats text[], labels text[], artists text[], grades text[], years int2[], decades int2[], barcodes text[], words text[], rids int4[], among bool, count int4
-- rows: version int8, body text
-- reads: replica
-- The same of the records that such filters leave (see records_list), among: of those with these numbers only; the values of each
-- kind without the filter on it. With the user's change version, as search_page has it.
select coalesce((select version from records.user_state where user_id = $1), 0),
       records.facets_of($1, row($2::text[], $3::text[], $4::text[], $5::text[], $6::int2[], $7::int2[], $8::text[], $9::text[])::records.filters, case when $11::bool then $10::int4[] end, $12);

-- name: search_prices_all  params: owner uuid  rows: version int8, body text
-- reads: replica
-- Count, lowest, median, mean, 90th percentile and highest of what was paid.
select coalesce((select version from records.user_state where user_id = $1), 0), records.price_stats($1);

-- name: search_prices_of  params: owner uuid, rids int4[]  rows: version int8, body text
-- reads: replica
-- The same of these records; with the user's change version, as search_page has it.
select coalesce((select version from records.user_state where user_id = $1), 0), records.price_stats_of($1, $2);

-- name: search_completions  params: owner uuid, field text, key text, dist int4, count int4  rows: version int8, body text
-- reads: replica
-- Artists or labels (field) with a word from which on they begin like the folded key; an empty list for none. dist, how
-- many words of the key were corrected, is told to the client as it is given.
select coalesce((select version from records.user_state where user_id = $1), 0), records.completions($1, $2, $3, $4, $5);

-- name: search_catalog_numbers  params: owner uuid, rids int4[], count int4  rows: version int8, body text
-- reads: replica
-- The catalogue numbers of these records, as a completion; with the user's change version, as search_page has it.
select coalesce((select version from records.user_state where user_id = $1), 0), records.catalog_numbers($1, $2, $3);

-- name: search_containing  params: owner uuid, key text, count int4, skip int4  rows: version int8, docs text
-- reads: replica
-- Records with the folded text in artist, name, catalogue number or label, the newest first.
select coalesce((select version from records.user_state where user_id = $1), 0), records.containing($1, $2, $3::int4, $4::int4);
