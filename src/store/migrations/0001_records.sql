-- SPDX-License-Identifier: MIT
-- The foundation: schemas, grants, a collector's records, and what searching them needs.
--
-- Source of truth    records.record (what is filtered, sorted, summed), record_doc (the record as clients see it),
--                    media_piece, alias, user_state.
-- Derived, exact     records.posting, vocab, sym, facet, completion: kept by index_add and index_drop with every
--                    write, and rebuilt from the source by records.reindex.
--
-- Parsing, validation, folding and tokenising are the server's: the database gets a rendered document, a folded
-- search text and packed terms. A packed term is `FFFWWW<term>`: three digits of field bits, three of weight (see
-- codec/fold.h). The field bits: 1 artist, 2 name, 4 catalogue number, 8 label, 16 anything else, 32 alias,
-- 64 a whole field as one phrase, 128 a word that may be corrected.

create schema if not exists ops;
create schema if not exists auth;
create schema if not exists events;
create schema records;

-- Whichever of our roles exist (a foreign database may have none) get their rights, on what later migrations make too.
do $$
declare
	grantee text;
	area text;
begin
	for grantee in
		select rolname from pg_roles
		where rolname in ('recordd_app', 'recordd_job', 'recordd_eval', 'recordd_monitor') and rolname <> current_user
	loop
		foreach area in array array['ops', 'auth', 'events', 'records'] loop
			execute format('grant usage on schema %I to %I', area, grantee);
			if grantee in ('recordd_app', 'recordd_job') then
				execute format('alter default privileges in schema %I grant select, insert, update, delete on tables to %I', area, grantee);
				execute format('alter default privileges in schema %I grant usage on sequences to %I', area, grantee);
			elsif area <> 'auth' then
				execute format('alter default privileges in schema %I grant select on tables to %I', area, grantee);
			end if;
		end loop;
		execute format('grant select on all tables in schema ops to %I', grantee); -- the list of migrations is older
	end loop;
end $$;

-- ── Operations ──────────────────────────────────────────────────────────────────────────────────────────────

-- Long work with progress: imports, exports, backups.
create table ops.job (
	user_id uuid not null,
	id uuid not null,
	kind text not null,
	state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
	args jsonb not null default '{}',
	progress jsonb not null default '{}',
	result jsonb,
	error text,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	finished_at timestamptz,
	primary key (user_id, id)
);

-- The first answer to a write, kept for its Idempotency-Key; status is null while the first is still at work.
create table ops.idempotency (
	user_id uuid not null,
	key text collate "C" not null,
	request_hash text not null,
	status int2,
	headers text,
	body text,
	created_at timestamptz not null default now(),
	primary key (user_id, key)
);
create index idempotency_age on ops.idempotency (created_at);

-- ── Records: the source ─────────────────────────────────────────────────────────────────────────────────────

-- One row a user; its lock orders all writes of that user. `uid` and record numbers (rid) are the short keys of the
-- derived tables. `version` moves on by one with each changed record; changes up to `horizon` may have been purged.
create table records.user_state (
	user_id uuid primary key,
	uid int4 generated always as identity unique,
	version int8 not null default 0,
	horizon int8 not null default 0,
	last_rid int4 not null default 0,
	n_records int4 not null default 0
) with (fillfactor = 50);

create table records.record (
	user_id uuid not null,
	id uuid not null,
	rid int4 not null,			-- ascending with creation, never used again
	version int4 not null,			-- of the row, for If-Match
	changed int8 not null,			-- the user's version this row last changed at
	release_year int2,
	release_id int8,			-- Discogs
	dup_hash int8 not null,			-- of the folded artist, title, catalogue number and format
	price_paid numeric(12,2),
	created_at timestamptz not null,
	updated_at timestamptz not null,
	deleted_at timestamptz,			-- in the trash since
	artist text not null,
	name text not null,
	format text not null,
	grade text,
	label text,
	catalog_number text,
	search_text text not null,		-- folded artist, name, catalogue number and label, a line each
	primary key (user_id, id)
);
create unique index record_rid on records.record (user_id, rid);
create index record_changed on records.record (user_id, changed);
create index record_updated on records.record (user_id, updated_at, id) where deleted_at is null;
-- By one expression: for a user whom the statistics do not know yet, in the midst of an import, the planner takes any
-- index that begins with user_id to be as good as the right one, and reads all of the user's records for each row.
create index record_duplicate on records.record (uuid_hash_extended(user_id, dup_hash)) where deleted_at is null;
create index record_release on records.record (uuid_hash_extended(user_id, release_id))
where release_id is not null and deleted_at is null;
create index record_trash on records.record (user_id, deleted_at, id) where deleted_at is not null;

-- The JSON as clients see it, and the packed terms it is found by. Reads of a page touch only this.
create table records.record_doc (
	uid int4 not null,
	rid int4 not null,
	doc text not null,
	terms text[] not null,
	primary key (uid, rid)
);

create table records.media_piece (
	user_id uuid not null,
	record_id uuid not null,
	index int2 not null,
	id uuid,
	kind text not null,
	size_inch int2,
	speed_rpm int2,
	disc_grade text,
	sides jsonb,
	notes text,
	primary key (user_id, record_id, index)
);

-- Further words a record is found by.
create table records.alias (
	user_id uuid not null,
	record_id uuid not null,
	term text not null,			-- folded
	terms text[] not null,			-- packed
	created_at timestamptz not null default now(),
	primary key (user_id, record_id, term)
);

-- ── Records: derived for search ─────────────────────────────────────────────────────────────────────────────

-- Which record holds which term, in which fields, and how much that says.
create table records.posting (
	uid int4 not null,
	rid int4 not null,
	weight int2 not null,
	fields int2 not null,
	term text collate "C" not null,
	primary key (uid, term, rid) include (weight)
) with (autovacuum_vacuum_insert_scale_factor = 0.05);

-- The user's words and in how many records each occurs.
create table records.vocab (
	uid int4 not null,
	df int4 not null,
	correctable boolean not null,
	term text collate "C" not null,
	primary key (uid, term)
) with (fillfactor = 80);

-- Each word that may be corrected under itself and under itself less any one letter (SymSpell, distance 1).
create table records.sym (
	uid int4 not null,
	del text collate "C" not null,
	term text collate "C" not null,
	primary key (uid, del, term)
);

-- How many records have which value; kinds: artist, label, format, year, grade.
create table records.facet (
	uid int4 not null,
	n int4 not null,
	kind text collate "C" not null,
	val text collate "C" not null,
	folded text,				-- of artists and labels
	primary key (uid, kind, val)
) with (fillfactor = 80);
create index facet_top on records.facet (uid, kind, n desc, val);

-- Artists and labels under their folded text from each word on: "miles davis" and "davis" lead to Miles Davis.
create table records.completion (
	uid int4 not null,
	kind text collate "C" not null,
	tail text collate "C" not null,
	val text collate "C" not null,
	primary key (uid, kind, tail, val)
);

-- ── Deriving ────────────────────────────────────────────────────────────────────────────────────────────────

-- A word, and the word less any one letter.
create function records.deletions(word text) returns setof text
language sql immutable strict parallel safe rows 8 as $$
	select word union select overlay(word placing '' from i for 1) from generate_series(1, length(word)) i
$$;

-- A folded text from the start of each of its first six words on.
create function records.tails(folded text) returns setof text
language sql immutable strict parallel safe rows 3 as $$
	select array_to_string(w[i:], ' ')
	from (select string_to_array(folded, ' ') as w) words, generate_series(1, least(cardinality(w), 6)) i
	where w[i] <> ''
$$;

-- The facet values of the user's records numbered first to last, and how many of those have each.
create function records.facet_counts(p_user uuid, p_first int4, p_last int4)
returns table (kind text, val text, folded text, n int4)
language sql stable rows 100 as $$
	select f.kind, f.val, min(f.folded), count(*)::int4
	from records.record r,
	     lateral (values ('artist', r.artist, split_part(r.search_text, E'\n', 1)),
			     ('label', r.label, split_part(r.search_text, E'\n', 4)),
			     ('format', r.format, null), ('grade', r.grade, null),
			     ('year', r.release_year::text, null)) f (kind, val, folded)
	where r.user_id = p_user and r.rid between p_first and p_last and f.val <> ''
	group by f.kind, f.val
	order by f.kind collate "C", f.val collate "C"
$$;

-- The terms of the records numbered first to last, in the order of their keys; where an alias has a term that the
-- record has itself, the record's own counts.
create function records.terms_of(p_user uuid, p_uid int4, p_first int4, p_last int4)
returns table (rid int4, fields int2, weight int2, term text)
language sql stable rows 100000 as $$
	select distinct on (substr(t.packed, 7) collate "C", t.rid)
	       t.rid, substr(t.packed, 1, 3)::int2, substr(t.packed, 4, 3)::int2, substr(t.packed, 7) collate "C"
	from (select d.rid, 0, unnest(d.terms) from records.record_doc d
	      where d.uid = p_uid and d.rid between p_first and p_last
	      union all
	      select r.rid, 1, unnest(a.terms) from records.record r
	      join records.alias a on a.user_id = r.user_id and a.record_id = r.id
	      where r.user_id = p_user and r.rid between p_first and p_last) t (rid, late, packed)
	order by substr(t.packed, 7) collate "C", t.rid, t.late
$$;

-- Planning anew for each write would cost more than the write: what follows always takes its generic plans.

-- Counts values, each given once; what is new among them can be completed from now on. Sorted by kind and value.
create function records.facets_add(p_uid int4, p_kinds text[], p_vals text[], p_folded text[], p_counts int4[]) returns void
language plpgsql set plan_cache_mode = force_generic_plan as $$
begin
	with counted as (
		insert into records.facet (uid, n, kind, val, folded)
		select p_uid, f.n, f.kind, f.val, f.folded
		from unnest(p_kinds, p_vals, p_folded, p_counts) f (kind, val, folded, n)
		on conflict (uid, kind, val) do update set n = facet.n + excluded.n
		returning kind, val, folded, xmax = 0 as fresh
	)
	insert into records.completion (uid, kind, tail, val)
	select distinct p_uid, c.kind, t.tail collate "C", c.val
	from counted c, records.tails(c.folded) t (tail)
	where c.fresh
	order by 2, 3, 4;
end $$;

-- Makes the records numbered first to last findable; they must not be so yet. Rows go in by the order of their keys,
-- which keeps the index pages of a bulk import warm. Phrases are looked up as they are: the vocabulary is of words.
-- `xmax = 0` tells a row just inserted from one updated: new words get their deletions, new values their tails.
create function records.index_add(p_user uuid, p_uid int4, p_first int4, p_last int4) returns void
language plpgsql set plan_cache_mode = force_generic_plan as $$
begin
	with added as (
		insert into records.posting (uid, rid, weight, fields, term)
		select p_uid, t.rid, t.weight, t.fields, t.term
		from records.terms_of(p_user, p_uid, p_first, p_last) t
		returning term, fields
	), counted as (
		insert into records.vocab (uid, df, correctable, term)
		select p_uid, count(*), bool_or(a.fields >= 128), a.term
		from added a where a.fields & 64 = 0 group by a.term order by a.term
		on conflict (uid, term) do update set df = vocab.df + excluded.df
		returning term, correctable and xmax = 0 as fresh
	)
	insert into records.sym (uid, del, term)
	select p_uid, d.del, c.term
	from counted c, records.deletions(c.term) d (del)
	where c.fresh
	order by d.del collate "C", c.term;

	perform records.facets_add(p_uid, array_agg(f.kind), array_agg(f.val), array_agg(f.folded), array_agg(f.n))
	from records.facet_counts(p_user, p_first, p_last) f;
end $$;

-- Takes the records numbered first to last out of search and counts; they must be in.
create function records.index_drop(p_user uuid, p_uid int4, p_first int4, p_last int4) returns void
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
	gone text[];	-- words that no record has any more
	kinds text[];	-- values that none has
	vals text[];
	foldeds text[];
begin
	with dropped as (
		delete from records.posting p
		using records.terms_of(p_user, p_uid, p_first, p_last) t
		where p.uid = p_uid and p.term = t.term and p.rid = t.rid
		returning p.term
	), counted as (
		update records.vocab v set df = v.df - d.n
		from (select term, count(*) as n from dropped group by term) d
		where v.uid = p_uid and v.term = d.term
		returning v.term, v.df
	)
	select array_agg(term) into gone from counted where df = 0;

	delete from records.vocab v where v.uid = p_uid and v.term = any (gone);
	delete from records.sym s
	using unnest(gone) g (term), records.deletions(g.term) d (del)
	where s.uid = p_uid and s.del = d.del collate "C" and s.term = g.term collate "C";

	with counted as (
		update records.facet c set n = c.n - f.n
		from records.facet_counts(p_user, p_first, p_last) f
		where c.uid = p_uid and c.kind = f.kind collate "C" and c.val = f.val collate "C"
		returning c.kind, c.val, c.n, c.folded
	)
	select array_agg(kind), array_agg(val), array_agg(folded) into kinds, vals, foldeds from counted where n = 0;

	delete from records.facet f
	using unnest(kinds, vals) g (kind, val)
	where f.uid = p_uid and f.kind = g.kind collate "C" and f.val = g.val collate "C";
	delete from records.completion c
	using unnest(kinds, vals, foldeds) g (kind, val, folded), records.tails(g.folded) t (tail)
	where c.uid = p_uid and c.kind = g.kind collate "C" and c.tail = t.tail collate "C" and c.val = g.val collate "C";
end $$;

-- Derives everything of a user's anew from the source (after a restore, or a new way of folding).
create function records.reindex(p_user uuid) returns void
language plpgsql as $$
declare
	me records.user_state;
begin
	select * into me from records.user_state where user_id = p_user for update;
	delete from records.posting where uid = me.uid;
	delete from records.vocab where uid = me.uid;
	delete from records.sym where uid = me.uid;
	delete from records.facet where uid = me.uid;
	delete from records.completion where uid = me.uid;
	perform records.index_add(p_user, me.uid, r.rid, r.rid)
	from records.record r where r.user_id = p_user and r.deleted_at is null;
end $$;

-- ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────

-- What of a rendered document has columns of its own.
create type records.doc_columns as (
	"artist" text, "name" text, "format" text, "label" text, "catalogNumber" text, "recordGrade" text,
	"releaseYear" int2, "discogsReleaseId" int8, "pricePaid" numeric(12,2),
	"createdAt" timestamptz, "updatedAt" timestamptz, "version" int4, "mediaPieces" jsonb);

-- The locked state of a user, made at the first write; `n` versions are taken and told to all listeners.
create function records.take_versions(p_user uuid, n int4) returns records.user_state
language plpgsql as $$
declare
	me records.user_state;
begin
	update records.user_state s set version = s.version + n where s.user_id = p_user returning s.* into me;
	if not found then -- an insert draws a uid even where it conflicts: only for a first write
		insert into records.user_state as s (user_id, version) values (p_user, n)
		on conflict (user_id) do update set version = s.version + excluded.version
		returning s.* into me;
	end if;
	if n > 0 then
		perform pg_notify('recordd_changed', format('u%s:%s', p_user, me.version));
	end if;
	return me;
end $$;

-- Versions and record numbers for `n` new records. Returns the state before: theirs follow its version and last_rid.
create function records.reserve(p_user uuid, n int4) returns records.user_state
language plpgsql as $$
declare
	me records.user_state := records.take_versions(p_user, n);
begin
	update records.user_state s set last_rid = s.last_rid + n, n_records = s.n_records + n where s.user_id = p_user;
	me.version := me.version - n;
	return me;
end $$;

create function records.pieces_of(pieces jsonb)
returns table ("index" int2, "id" uuid, "kind" text, "sizeInch" int2, "speedRpm" int2, "discGrade" text, "sides" jsonb, "notes" text)
language sql immutable rows 2 as $$
	select * from jsonb_to_recordset(case jsonb_typeof(pieces) when 'array' then pieces else '[]' end)
		as p ("index" int2, "id" uuid, "kind" text, "sizeInch" int2, "speedRpm" int2, "discGrade" text, "sides" jsonb, "notes" text)
$$;

-- New records, all or none; each of the arrays has an element a record, in the same order. `p_terms` holds array
-- literals. Returns the user's new version, which is the last record's.
create function records.insert_batch(p_user uuid, p_ids uuid[], p_docs text[], p_terms text[], p_dup_keys text[],
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
		select me.uid, me.last_rid + p.o, p.doc, p.terms::text[] from parsed p
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

	perform records.index_add(p_user, me.uid, me.last_rid + 1, me.last_rid + n);
	return me.version + n;
end $$;

-- A changed record. Null when it is not there, or its row version is not the expected one (null: any).
create function records.update_one(p_user uuid, p_id uuid, p_expected int8, p_doc text, p_terms text[], p_dup_key text,
				   p_search_text text) returns int8
language plpgsql as $$
declare
	me records.user_state;
	was records.record;
	d records.doc_columns := jsonb_populate_record(null::records.doc_columns, p_doc::jsonb);
	reindex boolean;
begin
	perform from records.user_state where user_id = p_user for update;
	select * into was from records.record
	where user_id = p_user and id = p_id and deleted_at is null and version = coalesce(p_expected, version);
	if not found then
		return null;
	end if;
	me := records.take_versions(p_user, 1);

	-- Most edits touch neither words nor counted values: those stay as they are.
	reindex := (was.artist, was.label, was.format, was.grade, was.release_year, was.search_text)
			is distinct from (d."artist", d."label", d."format", d."recordGrade", d."releaseYear", p_search_text)
		or (select terms from records.record_doc where uid = me.uid and rid = was.rid) <> p_terms;
	if reindex then
		perform records.index_drop(p_user, me.uid, was.rid, was.rid);
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

	if reindex then
		perform records.index_add(p_user, me.uid, was.rid, was.rid);
	end if;
	return me.version;
end $$;

-- Into the trash (p_delete) or out of it. Null when it is not where it would be moved from, or has another row version.
create function records.move_one(p_user uuid, p_id uuid, p_expected int8, p_delete boolean) returns int8
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
	update records.record set changed = me.version, deleted_at = case when p_delete then now() end
	where user_id = p_user and id = p_id;
	if p_delete then
		perform records.index_drop(p_user, me.uid, was.rid, was.rid);
	else
		perform records.index_add(p_user, me.uid, was.rid, was.rid);
	end if;
	return me.version;
end $$;

-- Aliases of a record: how many were new. Null when there is no such record.
create function records.add_aliases(p_user uuid, p_id uuid, p_folded text[], p_terms text[]) returns int8
language plpgsql as $$
declare
	me records.user_state;
	was records.record;
	n int8;
begin
	perform from records.user_state where user_id = p_user for update;
	select * into was from records.record where user_id = p_user and id = p_id and deleted_at is null;
	if not found then
		return null;
	end if;
	select uid into me.uid from records.user_state where user_id = p_user;
	perform records.index_drop(p_user, me.uid, was.rid, was.rid);
	insert into records.alias (user_id, record_id, term, terms)
	select p_user, p_id, a.folded, a.terms::text[] from unnest(p_folded, p_terms) a (folded, terms)
	on conflict do nothing;
	get diagnostics n = row_count;
	perform records.index_add(p_user, me.uid, was.rid, was.rid);
	if n > 0 then
		me := records.take_versions(p_user, 1);
		update records.record set changed = me.version where user_id = p_user and id = p_id;
	end if;
	return n;
end $$;

-- Ends for good what has been in the trash since before `p_before`; of all users. How many records that were.
create function records.purge(p_before timestamptz) returns int8
language plpgsql as $$
declare
	n int8;
begin
	with doomed as (
		delete from records.record where deleted_at < p_before
		returning user_id, id, rid, changed
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

-- ── Lists ───────────────────────────────────────────────────────────────────────────────────────────────────

-- The orders a list can have: an expression without nulls, so that a page can go on behind (value, id), and of bounded
-- length, so that a cursor has room for it.
create function records.sort_expression(sort text) returns text
language sql immutable as $$
	select case ltrim(sort, '-')
		when 'createdAt' then 'r.created_at'
		when 'artist' then 'left(split_part(r.search_text, E''\n'', 1), 256) collate "C"'
		when 'name' then 'left(split_part(r.search_text, E''\n'', 2), 256) collate "C"'
		when 'year' then 'coalesce(r.release_year, 0)'
		when 'price' then 'coalesce(r.price_paid, -1)'
		else 'r.updated_at'
	end
$$;

-- A page of a user's records. Composed for what is asked, because one plan cannot serve all filters and orders; only
-- expressions of ours are composed, values stay parameters.
create function records.list(p_user uuid, p_format text, p_label_key text, p_artist_key text, p_grade text, p_year int4,
			     p_sort text, p_after_key text, p_after_id uuid, p_skip int8, p_count int8, p_words text[])
returns table (id uuid, sort_key text, doc text)
language plpgsql stable rows 100 as $$
declare
	sort text := coalesce(p_sort, '-updatedAt');
	expression text := records.sort_expression(sort);
	descending boolean := sort like '-%' or ltrim(sort, '-') not in ('updatedAt', 'createdAt', 'artist', 'name', 'year', 'price');
	direction text := case when descending then 'desc' else 'asc' end;
	conditions text := '';
begin
	if p_format is not null then
		conditions := conditions || ' and lower(r.format) = lower($2)';
	end if;
	if p_label_key is not null then
		conditions := conditions || ' and split_part(r.search_text, E''\n'', 4) = $3';
	end if;
	if p_artist_key is not null then
		conditions := conditions || ' and split_part(r.search_text, E''\n'', 1) = $4';
	end if;
	if p_grade is not null then
		conditions := conditions || ' and r.grade = $5';
	end if;
	if p_year is not null then
		conditions := conditions || ' and r.release_year = $6';
	end if;
	if cardinality(p_words) > 0 then
		conditions := conditions ||
			' and not exists (select from unnest($11) w (word) where position(w.word in r.search_text) = 0)';
	end if;
	if p_after_id is not null then
		conditions := conditions || format(' and (%s, r.id) %s ($7::%s, $8)', expression,
			case when descending then '<' else '>' end,
			case ltrim(sort, '-') when 'artist' then 'text' when 'name' then 'text' when 'year' then 'int4'
				when 'price' then 'numeric' else 'timestamptz' end);
	end if;
	return query execute format(
		'select r.id, r.sort_key::text, d.doc
		from (select r.id, r.rid, %1$s as sort_key from records.record r
		      where r.user_id = $1 and r.deleted_at is null%2$s
		      order by %1$s %3$s, r.id %3$s offset $9 limit $10) r
		join records.user_state s on s.user_id = $1
		join records.record_doc d on d.uid = s.uid and d.rid = r.rid
		order by r.sort_key %3$s, r.id %3$s', expression, conditions, direction)
	using p_user, p_format, p_label_key, p_artist_key, p_grade, p_year, p_after_key, p_after_id, p_skip, p_count, p_words;
end $$;
