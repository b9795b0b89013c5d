-- SPDX-License-Identifier: MIT
-- Lists narrowed by several values and in more orders, what a collection amounts to, barcodes, many changes at once.
--
-- A page of a long list is not found by counting rows off: the server asks once for the order of all that is asked for,
-- record numbers alone, keeps it as long as nothing changes, and reads pages by these numbers (app/records_order.h).
-- So no order but the default one has an index, and writing and importing cost what they did.

alter table records.record
	add column purchased_at timestamptz,
	add column barcode text;	-- without leading zeros: a UPC is the EAN that begins with 0

alter type records.doc_columns add attribute "barcode" text, add attribute "purchasedAt" timestamptz;

update records.record r set purchased_at = (d.doc::jsonb->>'purchasedAt')::timestamptz
from records.user_state s, records.record_doc d
where s.user_id = r.user_id and d.uid = s.uid and d.rid = r.rid and d.doc like '%"purchasedAt":"%';

-- By one expression, as record_duplicate is, and small: few collections have barcodes.
create index record_barcode on records.record (uuid_hash_extended(user_id, hashtextextended(barcode, 0)))
where barcode is not null and deleted_at is null;

create function records.barcode_key(barcode text) returns text
language sql immutable parallel safe as $$ select nullif(ltrim(barcode, '0'), '') $$;

-- ── Narrowing and ordering ──────────────────────────────────────────────────────────────────────────────────

-- What a list is narrowed by: of each list that is not empty a record must have one value, and all of the words.
create type records.filters as (
	formats text[],		-- regardless of case
	labels text[],		-- folded
	artists text[],		-- folded
	grades text[],
	years int2[],
	decades int2[],		-- by their first year
	barcodes text[],	-- barcode_key
	words text[]		-- folded, contained in artist, name, catalogue number or label
);

-- The condition for each of them on a record r, of filters that are parameter $2: true where nothing is asked.
create function records.conditions(f records.filters)
returns table (on_format text, on_label text, on_artist text, on_grade text, on_year text, on_decade text, on_rest text)
language sql immutable as $$
	select case when cardinality(f.formats) > 0 then 'lower(r.format) in (select lower(x) from unnest(($2).formats) x)' else 'true' end,
	       case when cardinality(f.labels) > 0 then 'split_part(r.search_text, E''\n'', 4) = any (($2).labels)' else 'true' end,
	       case when cardinality(f.artists) > 0 then 'split_part(r.search_text, E''\n'', 1) = any (($2).artists)' else 'true' end,
	       case when cardinality(f.grades) > 0 then 'r.grade = any (($2).grades)' else 'true' end,
	       case when cardinality(f.years) > 0 then 'r.release_year = any (($2).years)' else 'true' end,
	       case when cardinality(f.decades) > 0 then 'r.release_year / 10 * 10 = any (($2).decades)' else 'true' end,
	       case when cardinality(f.barcodes) > 0 then 'r.barcode = any (($2).barcodes)' else 'true' end ||
	       case when cardinality(f.words) > 0
		    then ' and not exists (select from unnest(($2).words) w (word) where position(w.word in r.search_text) = 0)'
		    else '' end
$$;

create function records.condition(f records.filters) returns text
language sql immutable as $$
	select concat_ws(' and ', c.on_format, c.on_label, c.on_artist, c.on_grade, c.on_year, c.on_decade, c.on_rest)
	from records.conditions(f) c
$$;

-- From the worst grade to the best.
create function records.grade_rank(grade text) returns int4
language sql immutable parallel safe as $$
	select array_position(array['P', 'F', 'G-', 'G', 'G+', 'VG-', 'VG', 'VG+', 'EX-', 'EX', 'EX+', 'NM-', 'NM', 'M'], grade)
$$;

-- The orders a list can have: an expression without nulls, so that a page can go on behind (value, id), and of bounded
-- length, so that a cursor has room for it; and its type. What has no such value comes last, up or down. One artist's
-- records come by year and name.
create function records.sort_of(sort text, out expression text, out type text, out direction text)
language plpgsql immutable as $$
declare
	down boolean := sort like '-%';
	last_text text := case when down then '''''' else 'U&''\+10FFFF''' end;
begin
	direction := case when down then 'desc' else 'asc' end;
	case ltrim(sort, '-')
		when 'createdAt' then
			expression := 'r.created_at'; type := 'timestamptz';
		when 'purchasedAt' then
			expression := format('coalesce(r.purchased_at, %L)', case when down then '-infinity' else 'infinity' end);
			type := 'timestamptz';
		when 'artist' then
			expression := '(left(split_part(r.search_text, E''\n'', 1), 180) || E''\n'' || lpad(coalesce(r.release_year, 9999)::text, 4, ''0'')'
				' || left(split_part(r.search_text, E''\n'', 2), 70)) collate "C"';
			type := 'text';
		when 'name' then
			expression := 'left(split_part(r.search_text, E''\n'', 2), 256) collate "C"'; type := 'text';
		when 'label' then
			expression := format('coalesce(nullif(left(split_part(r.search_text, E''\n'', 4), 256), ''''), %s) collate "C"', last_text);
			type := 'text';
		when 'catalogNumber' then
			expression := format('coalesce(nullif(left(split_part(r.search_text, E''\n'', 3), 256), ''''), %s) collate "C"', last_text);
			type := 'text';
		when 'format' then
			expression := 'lower(r.format) collate "C"'; type := 'text';
		when 'grade' then
			expression := format('coalesce(records.grade_rank(r.grade), %s)', case when down then 0 else 99 end); type := 'int4';
		when 'year' then
			expression := format('coalesce(r.release_year, %s)', case when down then 0 else 9999 end); type := 'int4';
		when 'price' then
			expression := format('coalesce(r.price_paid, %s)', case when down then '-1' else '99999999999' end); type := 'numeric';
		when 'updatedAt' then
			expression := 'r.updated_at'; type := 'timestamptz';
		else
			expression := 'r.updated_at'; type := 'timestamptz'; direction := 'desc';
	end case;
end $$;

-- The queries below are composed for what is asked, because one plan cannot serve all filters and orders; only expressions
-- of ours are composed, values stay parameters.
drop function records.list(uuid, text, text, text, text, int4, text, text, uuid, int8, int8, text[]);
drop function records.sort_expression(text);

-- A page of a user's records, from `p_skip` on or behind the row with this sort key and id.
create function records.list(p_user uuid, p_filters records.filters, p_sort text, p_after_key text, p_after_id uuid, p_skip int8, p_count int8)
returns table (id uuid, sort_key text, doc text)
language plpgsql stable rows 100 as $$
declare
	sort record;
	behind text := '';
begin
	select * into sort from records.sort_of(p_sort);
	if p_after_id is not null then
		behind := format(' and (%s, r.id) %s ($3::%s, $4)', sort.expression,
				 case sort.direction when 'desc' then '<' else '>' end, sort.type);
	end if;
	return query execute format(
		'select r.id, r.sort_key::text, d.doc
		from (select r.id, r.rid, %1$s as sort_key from records.record r
		      where r.user_id = $1 and r.deleted_at is null and %2$s%3$s
		      order by %1$s %4$s, r.id %4$s offset $5 limit $6) r
		join records.user_state s on s.user_id = $1
		join records.record_doc d on d.uid = s.uid and d.rid = r.rid
		order by r.sort_key %4$s, r.id %4$s',
		sort.expression, records.condition(p_filters), behind, sort.direction)
	using p_user, p_filters, p_after_key, p_after_id, p_skip, p_count;
end $$;

-- The numbers of all the records that a list has, in its order, as an array's text. p_rids: of these only, in their
-- order when p_sort is empty; null for all.
create function records.order_of(p_user uuid, p_filters records.filters, p_sort text, p_rids int4[]) returns text
language plpgsql stable as $$
declare
	sort record;
	found text;
begin
	select * into sort from records.sort_of(p_sort);
	execute format(
		'select array_agg(r.rid)::text
		from (select r.rid from %s
		      where r.user_id = $1 and r.deleted_at is null and %s order by %s) r',
		case when p_rids is null then 'records.record r'
		     else 'unnest($3) with ordinality i (rid, place) join records.record r on r.rid = i.rid' end,
		records.condition(p_filters),
		case when p_sort = '' then 'i.place' else format('%1$s %2$s, r.id %2$s', sort.expression, sort.direction) end)
	into found using p_user, p_filters, p_rids;
	return coalesce(found, '{}');
end $$;

-- The documents of these records as page_of has them, and what a cursor says of the last one in this order. Planning for
-- each number of records would cost twice what running does.
create function records.page_in_order(p_user uuid, p_rids int4[], p_sort text, out version int8, out docs text, out last_id uuid,
				      out last_key text)
language plpgsql stable as $$
begin
	select p.version, p.docs into page_in_order.version, page_in_order.docs from records.page_of(p_user, p_rids) p;
	execute format('select r.id, (%s)::text from records.record r where r.user_id = $1 and r.rid = $2', (records.sort_of(p_sort)).expression)
	into last_id, last_key using p_user, p_rids[cardinality(p_rids)];
end $$;

-- ── Counts of values ────────────────────────────────────────────────────────────────────────────────────────

-- {"format":[{"value","count"},…],…} of values with their counts.
create or replace function records.facets_json(p_kinds text[], p_vals text[], p_counts int4[]) returns text
language sql immutable as $$
	select '{' || string_agg(format('"%s":[%s]', l.kind, l.list), ',' order by l.place) || '}'
	from (select k.kind, k.place, string_agg('{"value":' || case when c.kind in ('year', 'decade') then c.val else to_json(c.val)::text end ||
			',"count":' || c.n || '}', ',' order by c.n desc, c.val collate "C") as list
	      from unnest(array['format', 'label', 'year', 'decade', 'artist', 'grade']) with ordinality k (kind, place)
	      left join unnest(p_kinds, p_vals, p_counts) c (kind, val, n) on c.kind = k.kind
	      group by k.kind, k.place) l
$$;

-- The most frequent `most` values of each kind, of all records. They lie in order in facet_top: where the statistics do
-- not know the user yet, the planner would rather sort them all. There are not many years.
create or replace function records.facets(p_user uuid, most int4) returns text
language sql stable set enable_sort = off as $$
	select records.facets_json(array_agg(f.kind), array_agg(f.val), array_agg(f.n))
	from records.user_state s,
	     lateral (select k.kind, f.val, f.n
		      from unnest(array['format', 'label', 'year', 'artist', 'grade']) k (kind),
			   lateral (select f.val, f.n from records.facet f
				    where f.uid = s.uid and f.kind = k.kind
				    order by f.n desc, f.val limit most) f
		      union all
		      select 'decade', (f.val::int4 / 10 * 10)::text, sum(f.n)::int4
		      from records.facet f where f.uid = s.uid and f.kind = 'year' group by 2) f
	where s.user_id = p_user
$$;

-- The same of the records that the filters leave, of those with these numbers or (null) of all. The values of each kind
-- are counted without the filter on that kind: they tell what else could be chosen. Kinds without a filter are counted
-- together, of what all filters leave; the one that has the only filter, of everything, is counted already.
drop function records.facets_of(uuid, int4[], int4);
create function records.facets_of(p_user uuid, p_filters records.filters, p_rids int4[], most int4) returns text
language plpgsql stable as $$
declare
	kinds text[] := array['format', 'label', 'artist', 'grade', 'year', 'decade'];
	vals text[] := array['r.format', 'r.label', 'r.artist', 'r.grade', 'r.release_year', 'r.release_year / 10 * 10'];
	conditions text[] := (select array[c.on_format, c.on_label, c.on_artist, c.on_grade, c.on_year, c.on_decade] from records.conditions(p_filters) c);
	rest text := (select c.on_rest from records.conditions(p_filters) c) || case when p_rids is not null then ' and r.rid = any ($3)' else '' end;
	others text;
	counts text[];
	answer text;
begin
	for i in 1 .. cardinality(kinds) loop
		others := (select string_agg(c, ' and ') from unnest(conditions) with ordinality x (c, o) where o <> i and c <> 'true');
		counts := counts || case
			when conditions[i] = 'true' then
				format('(select %1$L, %1$I::text as val, count(*)::int4 as n from found where %1$I::text <> ''''
					 group by %1$I order by n desc, %1$I::text collate "C" limit $4)', kinds[i])
			when others is null and rest = 'true' and kinds[i] = 'decade' then
				'(select ''decade'', (f.val::int4 / 10 * 10)::text as val, sum(f.n)::int4 as n
				  from records.user_state s join records.facet f on f.uid = s.uid and f.kind = ''year''
				  where s.user_id = $1 group by 2 order by n desc, 2 limit $4)'
			when others is null and rest = 'true' then
				format('(select %1$L, f.val, f.n from records.user_state s join records.facet f on f.uid = s.uid and f.kind = %1$L
					 where s.user_id = $1 order by f.n desc, f.val limit $4)', kinds[i])
			else
				format('(select %1$L, (%2$s)::text as val, count(*)::int4 as n from records.record r
					 where r.user_id = $1 and r.deleted_at is null and (%2$s)::text <> '''' and %3$s
					 group by %2$s order by n desc, (%2$s)::text collate "C" limit $4)', kinds[i], vals[i], concat_ws(' and ', rest, others))
			end;
	end loop;
	execute format(
		'with found as materialized (
			select r.format, r.label, r.artist, r.grade, r.release_year as year, r.release_year / 10 * 10 as decade
			from records.record r
			where r.user_id = $1 and r.deleted_at is null and %s
		), counts (kind, val, n) as (%s)
		select records.facets_json(array_agg(kind), array_agg(val), array_agg(n)) from counts',
		concat_ws(' and ', variadic rest || conditions), array_to_string(counts, ' union all '))
	into answer using p_user, p_filters, p_rids, most;
	return answer;
end $$;

-- ── What a collection amounts to ────────────────────────────────────────────────────────────────────────────

-- [{"value","count","spent"},…]
create function records.amounts_json(p_vals text[], p_counts int8[], p_spent numeric[], p_numbers boolean) returns text
language sql immutable as $$
	select '[' || coalesce(string_agg(format('{"value":%s,"count":%s,"spent":%s}', case when p_numbers then a.val else to_json(a.val)::text end,
						 a.n, coalesce(a.spent, 0.00)), ',' order by a.place), '') || ']'
	from unnest(p_vals, p_counts, p_spent) with ordinality a (val, n, spent, place)
$$;

-- All of it from one reading of the records. Months are those in which something was bought, or added where that is not
-- known; prices are counted from 0 to 1, 2, 5, 10, 20, 50 and so on.
create function records.insights(p_user uuid) returns text
language sql stable as $$
	with bounds as (
		select array_agg((m || repeat('0', e))::numeric order by e, m) as b from generate_series(0, 9) e, unnest(array[1, 2, 5]) m
	), facts as (
		select r.format, r.label, r.artist, r.grade, (r.release_year / 10 * 10)::text as decade, r.price_paid as price,
		       to_char(coalesce(r.purchased_at, r.created_at) at time zone 'UTC', 'YYYY-MM') as month,
		       width_bucket(r.price_paid, (select b from bounds))::text as bucket
		from records.record r
		where r.user_id = p_user and r.deleted_at is null
	), sums as materialized (
		select case grouping(format, label, artist, decade, grade, month, bucket)
			when 63 then 'format' when 95 then 'label' when 111 then 'artist' when 119 then 'decade' when 123 then 'grade'
			when 125 then 'month' when 126 then 'bucket' else 'all' end as kind,
		       coalesce(format, label, artist, decade, grade, month, bucket) as val,
		       count(*) as n, count(price) as priced, sum(price) as spent
		from facts
		group by grouping sets ((), (format), (label), (artist), (decade), (grade), (month), (bucket))
	), months as (
		select s.val, s.n, s.spent, sum(s.n) over (order by s.val collate "C") as all_n,
		       sum(s.spent) over (order by s.val collate "C") as all_spent
		from sums s where s.kind = 'month'
	), buckets as (
		select k, coalesce(s.n, 0) as n
		from (select min(val::int4) as first, max(val::int4) as last from sums where kind = 'bucket' and val is not null) x,
		     generate_series(x.first, x.last) k left join sums s on s.kind = 'bucket' and s.val = k::text
	)
	select format('{"count":%s,"priced":%s,"spent":%s,"byFormat":%s,"byLabel":%s,"byArtist":%s,"byDecade":%s,"byGrade":%s,"months":[%s],"prices":[%s]}',
		t.n, t.priced, coalesce(t.spent, 0.00),
		(select records.amounts_json(array_agg(val), array_agg(n), array_agg(spent), false)
		 from (select * from sums where kind = 'format' and val <> '' order by n desc, val collate "C" limit 100) x),
		(select records.amounts_json(array_agg(val), array_agg(n), array_agg(spent), false)
		 from (select * from sums where kind = 'label' and val <> '' order by n desc, val collate "C" limit 20) x),
		(select records.amounts_json(array_agg(val), array_agg(n), array_agg(spent), false)
		 from (select * from sums where kind = 'artist' and val <> '' order by n desc, val collate "C" limit 20) x),
		(select records.amounts_json(array_agg(val order by val), array_agg(n order by val), array_agg(spent order by val), true)
		 from sums where kind = 'decade' and val is not null),
		(select records.amounts_json(array_agg(val), array_agg(n), array_agg(spent), false)
		 from (select * from sums where kind = 'grade' and val is not null order by records.grade_rank(val) desc) x),
		(select string_agg(format('{"month":"%s","added":%s,"count":%s,"spent":%s,"total":%s}', val, n, all_n,
					  coalesce(spent, 0.00), coalesce(all_spent, 0.00)), ',' order by val collate "C") from months),
		(select string_agg(format('{"from":%s,"to":%s,"count":%s}', case k when 0 then 0 else b[k] end,
					  coalesce(b[k + 1]::text, 'null'), n), ',' order by k) from buckets, bounds))
	from sums t where t.kind = 'all'
$$;

-- ── Records that are probably the same ──────────────────────────────────────────────────────────────────────

-- An artist as the same one may be spelt otherwise: "the beatles", "beatles, the", "nirvana (2)".
create function records.bare_artist(folded text) returns text
language sql immutable parallel safe as $$
	select regexp_replace(regexp_replace(folded, ' \([0-9]+\)$', ''), '^the |, the$', '')
$$;

-- Documents as a JSON array: those with the barcode, then of these numbers those with the artist and the name that do not
-- differ in format or catalogue number. Texts are folded, and null or empty where they are not known.
create function records.likely(p_user uuid, p_rids int4[], p_artist text, p_name text, p_format text, p_catalog text,
			       p_barcode text, most int4) returns text
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
begin
	return (
		with same as (
			select x.rid, min(x.place) as place
			from (select b.rid, 0 as place
			      from (select * from records.record
				    where uuid_hash_extended(user_id, hashtextextended(barcode, 0)) = uuid_hash_extended(p_user, hashtextextended(p_barcode, 0))
				    and barcode is not null and deleted_at is null offset 0) b
			      where b.user_id = p_user and b.barcode = p_barcode
			      union all
			      select r.rid, i.place
			      from unnest(p_rids) with ordinality i (rid, place)
			      join records.record r on r.user_id = p_user and r.rid = i.rid and r.deleted_at is null,
			      lateral (select regexp_replace(split_part(r.search_text, E'\n', 3), '[^[:alnum:]]', '', 'g') as catalog) c
			      where records.bare_artist(split_part(r.search_text, E'\n', 1)) = records.bare_artist(p_artist)
			      and split_part(r.search_text, E'\n', 2) = p_name
			      and (coalesce(p_format, '') = '' or lower(r.format) = lower(p_format))
			      and (coalesce(p_catalog, '') = '' or c.catalog = '' or c.catalog = regexp_replace(p_catalog, '[^[:alnum:]]', '', 'g'))) x
			group by x.rid order by 2, 1 limit most)
		select '[' || coalesce(string_agg(d.doc, ',' order by same.place, same.rid), '') || ']'
		from same
		join records.user_state s on s.user_id = p_user
		join records.record_doc d on d.uid = s.uid and d.rid = same.rid);
end $$;

-- ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────

-- As they were, with the new columns.
create or replace function records.insert_batch(p_user uuid, p_ids uuid[], p_docs text[], p_terms text[], p_dup_keys text[],
						p_search_texts text[]) returns int8
language plpgsql as $$
declare
	n int4 := cardinality(p_ids);
	me records.user_state := records.reserve(p_user, n);
begin
	with parsed as materialized (
		select i.*, d.*
		from unnest(p_ids, p_docs, p_terms, p_dup_keys, p_search_texts) with ordinality
			i (id, doc, terms, dup_key, search_text, o),
		     jsonb_populate_record(null::records.doc_columns, i.doc::jsonb) d
	), docs as (
		insert into records.record_doc (uid, rid, doc, terms)
		select me.uid, me.last_rid + p.o, p.doc, p.terms from parsed p
	), pieces as (
		insert into records.media_piece (user_id, record_id, index, id, kind, size_inch, speed_rpm, disc_grade, sides, notes)
		select p_user, p.id, m."index", m."id", m."kind", m."sizeInch", m."speedRpm", m."discGrade", m."sides", m."notes"
		from parsed p, records.pieces_of(p."mediaPieces") m
	)
	insert into records.record (user_id, id, rid, version, changed, release_year, release_id, dup_hash, price_paid,
				    created_at, updated_at, artist, name, format, grade, label, catalog_number, search_text,
				    purchased_at, barcode)
	select p_user, p.id, me.last_rid + p.o, p."version", me.version + p.o, p."releaseYear", p."discogsReleaseId",
	       hashtextextended(p.dup_key, 0), p."pricePaid", p."createdAt", p."updatedAt",
	       p."artist", p."name", p."format", p."recordGrade", p."label", p."catalogNumber", p.search_text,
	       p."purchasedAt", records.barcode_key(p."barcode")
	from parsed p;

	perform records.facets_count(p_user, me.uid, me.last_rid + 1, me.last_rid + n);
	return me.version + n;
end $$;

-- The counted values of these records, as facet_counts has them.
create function records.facet_counts_of(p_user uuid, p_rids int4[])
returns table (kind text, val text, folded text, n int4)
language sql stable rows 100 as $$
	select f.kind, f.val, min(f.folded), count(*)::int4
	from unnest(p_rids) i (rid)
	join records.record r on r.user_id = p_user and r.rid = i.rid and r.deleted_at is null,
	     lateral (values ('artist', r.artist, split_part(r.search_text, E'\n', 1)),
			     ('label', r.label, split_part(r.search_text, E'\n', 4)),
			     ('format', r.format, null), ('grade', r.grade, null),
			     ('year', r.release_year::text, null)) f (kind, val, folded)
	where f.val <> ''
	group by f.kind, f.val
	order by f.kind collate "C", f.val collate "C"
$$;

-- Takes the values of these records out of the counts; they must be in, and not in the trash yet.
create function records.facets_uncount_of(p_user uuid, p_uid int4, p_rids int4[]) returns void
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
	kinds text[];	-- values that none has any more
	vals text[];
	foldeds text[];
begin
	with counted as (
		update records.facet c set n = c.n - f.n
		from records.facet_counts_of(p_user, p_rids) f
		where c.uid = p_uid and c.kind = f.kind collate "C" and c.val = f.val collate "C"
		returning c.kind, c.val, c.n, c.folded
	)
	select array_agg(kind), array_agg(val), array_agg(folded) into kinds, vals, foldeds from counted where n = 0;
	if kinds is null then
		return;
	end if;
	delete from records.facet f
	using unnest(kinds, vals) g (kind, val)
	where f.uid = p_uid and f.kind = g.kind collate "C" and f.val = g.val collate "C";
	delete from records.completion c
	using unnest(kinds, vals, foldeds) g (kind, val, folded), records.tails(g.folded) t (tail)
	where c.uid = p_uid and c.kind = g.kind collate "C" and c.tail = t.tail collate "C" and c.val = g.val collate "C";
end $$;

-- Changes of records of which none comes twice, each for itself: an element of each array says what becomes of one. With
-- a document it is that from now on; without, it is moved into the trash (deleted) or out of it. A row for each that was
-- done, with its place (from 1) and change version: not for one that is not where it was expected, or has another row
-- version than expected (null: any).
create function records.change_batch(p_user uuid, p_ids uuid[], p_expected int8[], p_deleted boolean[], p_docs text[],
				     p_terms text[], p_dup_keys text[], p_search_texts text[])
returns table (place int8, change_version int8)
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
	me records.user_state;
	places int8[];	-- of what is done, and the numbers of these records
	rids int4[];
	counted int4[];	-- of those whose values are counted anew
	base int8;
begin
	perform from records.user_state where user_id = p_user for update;
	select array_agg(x.o order by x.o), array_agg(x.rid order by x.o), array_agg(x.rid) filter (where x.recount)
	into places, rids, counted
	from (select i.o, r.rid,
		     i.doc is null or (r.artist, r.label, r.format, r.grade, r.release_year, split_part(r.search_text, E'\n', 1),
				       split_part(r.search_text, E'\n', 4))
			is distinct from (d."artist", d."label", d."format", d."recordGrade", d."releaseYear",
					  split_part(i.search_text, E'\n', 1), split_part(i.search_text, E'\n', 4)) as recount
	      from unnest(p_ids, p_expected, p_deleted, p_docs, p_search_texts) with ordinality
			i (id, expected, deleted, doc, search_text, o)
	      join records.record r on r.user_id = p_user and r.id = i.id
	      left join lateral jsonb_populate_record(null::records.doc_columns, i.doc::jsonb) d on true
	      where r.version = coalesce(i.expected, r.version)
	      and (r.deleted_at is null) = (i.doc is not null or i.deleted)) x;
	if places is null then
		return;
	end if;
	me := records.take_versions(p_user, cardinality(places));
	base := me.version - cardinality(places);

	perform records.facets_uncount_of(p_user, me.uid, counted);
	update records.record r set
		version = d."version", release_year = d."releaseYear", release_id = d."discogsReleaseId",
		dup_hash = hashtextextended(p_dup_keys[i.place], 0), price_paid = d."pricePaid", updated_at = d."updatedAt",
		artist = d."artist", name = d."name", format = d."format", grade = d."recordGrade", label = d."label",
		catalog_number = d."catalogNumber", search_text = p_search_texts[i.place],
		purchased_at = d."purchasedAt", barcode = records.barcode_key(d."barcode"), changed = base + i.o
	from unnest(places, rids) with ordinality i (place, rid, o),
	     jsonb_populate_record(null::records.doc_columns, p_docs[i.place]::jsonb) d
	where r.user_id = p_user and r.rid = i.rid and p_docs[i.place] is not null;
	update records.record r set changed = base + i.o, deleted_at = case when p_deleted[i.place] then now() end
	from unnest(places, rids) with ordinality i (place, rid, o)
	where r.user_id = p_user and r.rid = i.rid and p_docs[i.place] is null;
	update records.record_doc d set doc = p_docs[i.place], terms = p_terms[i.place]
	from unnest(places, rids) i (place, rid)
	where d.uid = me.uid and d.rid = i.rid and p_docs[i.place] is not null;
	delete from records.media_piece m using unnest(places) i (place)
	where m.user_id = p_user and m.record_id = p_ids[i.place] and p_docs[i.place] is not null;
	insert into records.media_piece (user_id, record_id, index, id, kind, size_inch, speed_rpm, disc_grade, sides, notes)
	select p_user, p_ids[i.place], m."index", m."id", m."kind", m."sizeInch", m."speedRpm", m."discGrade", m."sides", m."notes"
	from unnest(places) i (place), records.pieces_of(p_docs[i.place]::jsonb->'mediaPieces') m
	where p_docs[i.place] is not null;
	perform records.facets_add(me.uid, array_agg(f.kind), array_agg(f.val), array_agg(f.folded), array_agg(f.n))
	from records.facet_counts_of(p_user, counted) f;

	update records.user_state s set n_records = s.n_records + moved.n
	from (select coalesce(sum(case when p_deleted[i.place] then -1 else 1 end), 0)::int4 as n
	      from unnest(places) i (place) where p_docs[i.place] is null) moved
	where s.user_id = p_user and moved.n <> 0;
	return query select i.place, base + i.o from unnest(places) with ordinality i (place, o);
end $$;

-- A changed record. Null when it is not there, or its row version is not the expected one (null: any). As it was, with the
-- new columns: for one, it is three times as fast as change_batch.
create or replace function records.update_one(p_user uuid, p_id uuid, p_expected int8, p_doc text, p_terms text, p_dup_key text,
					      p_search_text text) returns int8
language plpgsql as $$
declare
	me records.user_state;
	was records.record;
	d records.doc_columns := jsonb_populate_record(null::records.doc_columns, p_doc::jsonb);
	recount boolean;
begin
	perform from records.user_state where user_id = p_user for update;
	select * into was from records.record
	where user_id = p_user and id = p_id and deleted_at is null and version = coalesce(p_expected, version);
	if not found then
		return null;
	end if;
	me := records.take_versions(p_user, 1);

	-- Most edits touch no counted value.
	recount := (was.artist, was.label, was.format, was.grade, was.release_year, split_part(was.search_text, E'\n', 1),
		    split_part(was.search_text, E'\n', 4))
		is distinct from (d."artist", d."label", d."format", d."recordGrade", d."releaseYear",
				  split_part(p_search_text, E'\n', 1), split_part(p_search_text, E'\n', 4));
	if recount then
		perform records.facets_uncount(p_user, me.uid, was.rid, was.rid);
	end if;

	update records.record set
		version = d."version", changed = me.version, release_year = d."releaseYear", release_id = d."discogsReleaseId",
		dup_hash = hashtextextended(p_dup_key, 0), price_paid = d."pricePaid", updated_at = d."updatedAt",
		artist = d."artist", name = d."name", format = d."format", grade = d."recordGrade", label = d."label",
		catalog_number = d."catalogNumber", search_text = p_search_text, purchased_at = d."purchasedAt",
		barcode = records.barcode_key(d."barcode")
	where user_id = p_user and id = p_id;
	update records.record_doc set doc = p_doc, terms = p_terms where uid = me.uid and rid = was.rid;
	delete from records.media_piece where user_id = p_user and record_id = p_id;
	insert into records.media_piece (user_id, record_id, index, id, kind, size_inch, speed_rpm, disc_grade, sides, notes)
	select p_user, p_id, m."index", m."id", m."kind", m."sizeInch", m."speedRpm", m."discGrade", m."sides", m."notes"
	from records.pieces_of(d."mediaPieces") m;

	if recount then
		perform records.facets_count(p_user, me.uid, was.rid, was.rid);
	end if;
	return me.version;
end $$;

-- Into the trash (p_delete) or out of it. Null when it is not where it would be moved from, or has another row version.
create or replace function records.move_one(p_user uuid, p_id uuid, p_expected int8, p_delete boolean) returns int8
language sql as $$
	select (select c.change_version from records.change_batch(p_user, array[p_id], array[p_expected], array[p_delete], array[null::text],
								  array[null::text], array[null::text], array[null::text]) c)
$$;
