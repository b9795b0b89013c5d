-- SPDX-License-Identifier: MIT
-- The search index lives in the server's memory. The database keeps what it is made of, record_doc.terms and
-- record_doc.alias_terms, tells what changed, and counts values; words are resolved and records matched by the server.

-- Packed terms (see 0001) are one text from here on, joined by line feeds, which no term has in it.
alter table records.record_doc
	alter column terms type text using array_to_string(terms, E'\n'),
	add column alias_terms text;	-- of all the record's aliases; a term may be there more than once

update records.record_doc d set alias_terms = a.terms
from (select user_id, record_id, string_agg(array_to_string(terms, E'\n'), E'\n' order by created_at, term) as terms
      from records.alias group by user_id, record_id) a
join records.record r on r.user_id = a.user_id and r.id = a.record_id
join records.user_state s on s.user_id = a.user_id
where d.uid = s.uid and d.rid = r.rid;

-- What resolved words and matched records in the database.
drop function records.search(uuid, text[], text, int4, int4);
drop function records.facets(uuid, text[], int4);
drop function records.price_stats(uuid, text[]);
drop function records.autocomplete(uuid, text, text, text[], int4);
drop function records.matching(uuid, text[]);
drop function records.match(int4, text[], int4);
drop function records.match_any(int4, records.sought[], int4);
drop function records.match_all(int4, records.sought[], int4);
drop function records.seek(int4, text[], int4, boolean);
drop function records.sought_add(records.sought, text[], int4, int8);
drop type records.sought;
drop function records.posted_completions(int4, text[]);
drop function records.one_edit(text, text);
drop function records.reindex(uuid);
drop function records.index_drop(uuid, int4, int4, int4);
drop function records.index_add(uuid, int4, int4, int4);
drop function records.terms_of(uuid, int4, int4, int4);
drop function records.deletions(text);
drop table records.posting, records.vocab, records.sym;

-- ── Counting ────────────────────────────────────────────────────────────────────────────────────────────────

-- The facet values of the user's records numbered first to last, and how many of those have each; what is in the
-- trash does not count.
create or replace function records.facet_counts(p_user uuid, p_first int4, p_last int4)
returns table (kind text, val text, folded text, n int4)
language sql stable rows 100 as $$
	select f.kind, f.val, min(f.folded), count(*)::int4
	from records.record r,
	     lateral (values ('artist', r.artist, split_part(r.search_text, E'\n', 1)),
			     ('label', r.label, split_part(r.search_text, E'\n', 4)),
			     ('format', r.format, null), ('grade', r.grade, null),
			     ('year', r.release_year::text, null)) f (kind, val, folded)
	where r.user_id = p_user and r.rid between p_first and p_last and r.deleted_at is null and f.val <> ''
	group by f.kind, f.val
	order by f.kind collate "C", f.val collate "C"
$$;

-- Counts the values of the records numbered first to last; they must not be counted yet.
create function records.facets_count(p_user uuid, p_uid int4, p_first int4, p_last int4) returns void
language sql set plan_cache_mode = force_generic_plan as $$
	select records.facets_add(p_uid, array_agg(f.kind), array_agg(f.val), array_agg(f.folded), array_agg(f.n))
	from records.facet_counts(p_user, p_first, p_last) f
$$;

-- Takes the values of the records numbered first to last out of the counts; they must be in, and not in the trash yet.
create function records.facets_uncount(p_user uuid, p_uid int4, p_first int4, p_last int4) returns void
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
	kinds text[];	-- values that none has any more
	vals text[];
	foldeds text[];
begin
	with counted as (
		update records.facet c set n = c.n - f.n
		from records.facet_counts(p_user, p_first, p_last) f
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

-- Counts everything of a user's anew from the source (after a restore).
create function records.recount(p_user uuid) returns void
language plpgsql as $$
declare
	me records.user_state;
begin
	select * into me from records.user_state where user_id = p_user for update;
	delete from records.facet where uid = me.uid;
	delete from records.completion where uid = me.uid;
	perform records.facets_count(p_user, me.uid, 0, me.last_rid);
end $$;

-- ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────

-- New records, all or none; each of the arrays has an element a record, in the same order. Returns the user's new
-- version, which is the last record's.
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
				    created_at, updated_at, artist, name, format, grade, label, catalog_number, search_text)
	select p_user, p.id, me.last_rid + p.o, p."version", me.version + p.o, p."releaseYear", p."discogsReleaseId",
	       hashtextextended(p.dup_key, 0), p."pricePaid", p."createdAt", p."updatedAt",
	       p."artist", p."name", p."format", p."recordGrade", p."label", p."catalogNumber", p.search_text
	from parsed p;

	perform records.facets_count(p_user, me.uid, me.last_rid + 1, me.last_rid + n);
	return me.version + n;
end $$;

-- A changed record. Null when it is not there, or its row version is not the expected one (null: any).
drop function records.update_one(uuid, uuid, int8, text, text[], text, text);
create function records.update_one(p_user uuid, p_id uuid, p_expected int8, p_doc text, p_terms text, p_dup_key text,
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
		catalog_number = d."catalogNumber", search_text = p_search_text
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
language plpgsql as $$
declare
	me records.user_state;
	was records.record;
begin
	perform from records.user_state where user_id = p_user for update;
	select * into was from records.record
	where user_id = p_user and id = p_id and (deleted_at is null) = p_delete and version = coalesce(p_expected, version);
	if not found then
		return null;
	end if;
	me := records.take_versions(p_user, 1);
	update records.user_state set n_records = n_records + case when p_delete then -1 else 1 end where user_id = p_user;
	if p_delete then
		perform records.facets_uncount(p_user, me.uid, was.rid, was.rid);
	end if;
	update records.record set changed = me.version, deleted_at = case when p_delete then now() end
	where user_id = p_user and id = p_id;
	if not p_delete then
		perform records.facets_count(p_user, me.uid, was.rid, was.rid);
	end if;
	return me.version;
end $$;

-- Aliases of a record, an element of `p_terms` for each: how many were new. Null when there is no such record.
create or replace function records.add_aliases(p_user uuid, p_id uuid, p_folded text[], p_terms text[]) returns int8
language plpgsql as $$
declare
	me records.user_state;
	was records.record;
	fresh text[];
begin
	perform from records.user_state where user_id = p_user for update;
	select * into was from records.record where user_id = p_user and id = p_id and deleted_at is null;
	if not found then
		return null;
	end if;
	with added as (
		insert into records.alias (user_id, record_id, term)
		select p_user, p_id, a.folded from unnest(p_folded) a (folded)
		on conflict do nothing
		returning term
	)
	select array_agg(term) into fresh from added;
	if fresh is null then
		return 0;
	end if;
	me := records.take_versions(p_user, 1);
	update records.record set changed = me.version where user_id = p_user and id = p_id;
	update records.record_doc set alias_terms = concat_ws(E'\n', alias_terms, (
		select string_agg(a.terms, E'\n') from (
			select distinct on (i.folded) i.folded, i.terms from unnest(p_folded, p_terms) i (folded, terms)) a
		where a.folded = any (fresh)))
	where uid = me.uid and rid = was.rid;
	return cardinality(fresh);
end $$;

alter table records.alias drop column terms; -- they are with the record

-- Ends for good what has been in the trash since before `p_before`, of all users, `most` records at most. How many
-- records that were. Users are locked first, as all that write do.
drop function records.purge(timestamptz);
create function records.purge(p_before timestamptz, most int4) returns int8
language plpgsql as $$
declare
	owners uuid[] := array(select distinct r.user_id
			       from (select user_id from records.record where deleted_at < p_before
				     order by user_id, deleted_at limit most) r);
	n int8;
begin
	perform from records.user_state where user_id = any (owners) order by user_id for update;
	with doomed as (
		delete from records.record r
		using (select user_id, id from records.record where user_id = any (owners) and deleted_at < p_before
		       order by user_id, deleted_at limit most) x
		where r.user_id = x.user_id and r.id = x.id
		returning r.user_id, r.id, r.rid, r.changed
	), docs as (
		delete from records.record_doc d using doomed x, records.user_state s
		where s.user_id = x.user_id and d.uid = s.uid and d.rid = x.rid
	), pieces as (
		delete from records.media_piece p using doomed x where p.user_id = x.user_id and p.record_id = x.id
	), aliases as (
		delete from records.alias a using doomed x where a.user_id = x.user_id and a.record_id = x.id
	), told as (
		update records.user_state s set horizon = greatest(s.horizon, x.changed)
		from (select user_id, max(changed) as changed from doomed group by user_id) x
		where s.user_id = x.user_id
	)
	select count(*) into n from doomed;
	return n;
end $$;

-- ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────

-- The documents of these records as a JSON array in this order, those left out that are not there, and the user's
-- version. Planning for each number of records would cost twice what running does.
create function records.page_of(p_user uuid, p_rids int4[], out version int8, out docs text)
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
begin
	select coalesce(s.version, 0), '[' || coalesce((
		select string_agg(d.doc, ',' order by i.place)
		from unnest(p_rids) with ordinality i (rid, place)
		join records.record_doc d on d.uid = s.uid and d.rid = i.rid), '') || ']'
	into page_of.version, page_of.docs
	from (values (1)) one
	left join records.user_state s on s.user_id = p_user;
end $$;

-- ── Counts of values and prices: of everything, or of the records found ─────────────────────────────────────

-- {"format":[{"value","count"},…],"label":…,"year":…,"artist":…,"grade":…} of values with their counts.
create function records.facets_json(p_kinds text[], p_vals text[], p_counts int4[]) returns text
language sql immutable as $$
	select '{' || string_agg(format('"%s":[%s]', l.kind, l.list), ',' order by l.place) || '}'
	from (select k.kind, k.place, string_agg('{"value":' || case c.kind when 'year' then c.val else to_json(c.val)::text end ||
			',"count":' || c.n || '}', ',' order by c.n desc, c.val collate "C") as list
	      from unnest(array['format', 'label', 'year', 'artist', 'grade']) with ordinality k (kind, place)
	      left join unnest(p_kinds, p_vals, p_counts) c (kind, val, n) on c.kind = k.kind
	      group by k.kind, k.place) l
$$;

-- The most frequent `most` values of each kind, of all records. They lie in order in facet_top: where the statistics do
-- not know the user yet, the planner would rather sort them all.
create function records.facets(p_user uuid, most int4) returns text
language sql stable set enable_sort = off as $$
	select records.facets_json(array_agg(f.kind), array_agg(f.val), array_agg(f.n))
	from records.user_state s,
	     unnest(array['format', 'label', 'year', 'artist', 'grade']) k (kind),
	     lateral (select f.kind, f.val, f.n from records.facet f
		      where f.uid = s.uid and f.kind = k.kind
		      order by f.n desc, f.val limit most) f
	where s.user_id = p_user
$$;

-- The same of the records with these numbers. How many there are decides how they are best read: planned anew each time.
create function records.facets_of(p_user uuid, p_rids int4[], most int4) returns text
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
	return (
		with found as materialized (
			select r.format, r.label, r.release_year::text as year, r.artist, r.grade
			from records.record r
			where r.user_id = p_user and r.rid = any (p_rids) and r.deleted_at is null
		), counts as (
			(select 'format' as kind, format as val, count(*)::int4 as n from found where format <> ''
			 group by format order by n desc, format collate "C" limit most)
			union all
			(select 'label', label, count(*)::int4 as n from found where label <> ''
			 group by label order by n desc, label collate "C" limit most)
			union all
			(select 'year', year, count(*)::int4 as n from found where year <> ''
			 group by year order by n desc, year collate "C" limit most)
			union all
			(select 'artist', artist, count(*)::int4 as n from found where artist <> ''
			 group by artist order by n desc, artist collate "C" limit most)
			union all
			(select 'grade', grade, count(*)::int4 as n from found where grade <> ''
			 group by grade order by n desc, grade collate "C" limit most)
		)
		select records.facets_json(array_agg(kind), array_agg(val), array_agg(n)) from counts);
end $$;

-- {"n","min","p50","avg","p90","max"} of sorted prices, in exact decimals; percentiles lie between the two nearest
-- prices where they must.
create function records.prices_json(p numeric[], mean numeric) returns text
language sql immutable as $$
	select json_build_object('n', n, 'min', p[1],
		'p50', round(p[1 + (n - 1) / 2] + (p[least(n, 2 + (n - 1) / 2)] - p[1 + (n - 1) / 2]) * ((n - 1) % 2) / 2, 2),
		'avg', mean,
		'p90', round(p[1 + (n - 1) * 9 / 10] + (p[least(n, 2 + (n - 1) * 9 / 10)] - p[1 + (n - 1) * 9 / 10]) * ((n - 1) * 9 % 10) / 10, 2),
		'max', p[n])::text
	from coalesce(cardinality(p), 0) c (n)
$$;

create function records.price_stats(p_user uuid) returns text
language sql stable as $$
	select records.prices_json(array_agg(r.price_paid order by r.price_paid), round(avg(r.price_paid), 2))
	from records.record r
	where r.user_id = p_user and r.deleted_at is null and r.price_paid is not null
$$;

create function records.price_stats_of(p_user uuid, p_rids int4[]) returns text
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
	return (
		select records.prices_json(array_agg(r.price_paid order by r.price_paid), round(avg(r.price_paid), 2))
		from records.record r
		where r.user_id = p_user and r.rid = any (p_rids) and r.deleted_at is null and r.price_paid is not null);
end $$;

-- ── Completing ──────────────────────────────────────────────────────────────────────────────────────────────

-- [{"term","hits","dist"},…]: artists or labels with a word from which on they begin like the key, the most frequent
-- first. `dist` is told as it is given.
create function records.completions(p_user uuid, p_field text, p_key text, dist int4, most int4) returns text
language plpgsql stable set plan_cache_mode = force_generic_plan set enable_sort = off as $$
declare
	u int4 := (select uid from records.user_state where user_id = p_user);
	vals text[];
	hits int4[];
begin
	-- Without statistics of the user the planner would rather sort than follow facet_top, and join by reading all.
	-- Of many completions the best are soon met among the most frequent values.
	if (select count(*) from (select from records.completion c
				  where c.uid = u and c.kind = p_field and c.tail >= p_key collate "C"
				  and c.tail < records.after_prefix(p_key) limit 120) c) = 120 then
		select array_agg(x.val), array_agg(x.n) into vals, hits
		from (select f.val, f.n
		      from (select * from records.facet f
			    where f.uid = u and f.kind = p_field order by f.n desc, f.val limit 3000) f
		      where position(' ' || p_key in ' ' || f.folded) > 0
		      limit most) x;
	end if;
	if coalesce(cardinality(vals), 0) < most then
		select array_agg(x.val), array_agg(x.n) into vals, hits
		from (select c.val, f.n
		      from (select distinct c.val from records.completion c
			    where c.uid = u and c.kind = p_field
			    and c.tail >= p_key collate "C" and c.tail < records.after_prefix(p_key)) c,
			   lateral (select f.n from records.facet f
				    where f.uid = u and f.kind = p_field and f.val = c.val offset 0) f
		      order by f.n desc, c.val limit most) x;
	end if;
	return (
		select '[' || coalesce(string_agg(format('{"term":%s,"hits":%s,"dist":%s}', to_json(x.val), x.n, dist), ','
						  order by x.place), '') || ']'
		from unnest(vals, hits) with ordinality x (val, n, place));
end $$;

-- The same of the catalogue numbers of these records; hits is how many of them have it.
create function records.catalog_numbers(p_user uuid, p_rids int4[], most int4) returns text
language sql stable as $$
	select coalesce(json_agg(json_build_object('term', x.catalog_number, 'hits', x.n, 'dist', 0)
		order by x.n desc, x.catalog_number), '[]')::text
	from (select r.catalog_number, count(*) as n
	      from records.record r
	      where r.user_id = p_user and r.rid = any (p_rids) and r.deleted_at is null and r.catalog_number <> ''
	      group by r.catalog_number order by n desc, r.catalog_number limit most) x
$$;
