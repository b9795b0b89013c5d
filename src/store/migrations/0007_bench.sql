-- SPDX-License-Identifier: MIT
-- Benchmarks: what perf/run measured, a row for each figure of a run, so that runs of months can be laid side by side.

create table ops.bench_results (
	id int8 generated always as identity primary key,
	run_id uuid not null,
	measured_at timestamptz not null,	-- when the run began
	git_rev text not null,			-- with `+` where the tree had changes
	machine jsonb not null,
	settings jsonb not null,		-- of the run: rounds, seconds, sizes
	part text not null,
	what text not null,
	unit text not null,
	better text not null check (better in ('higher', 'lower')),
	measured float8 not null,		-- the median of the rounds
	samples float8[] not null,		-- a round each
	target text,
	met bool,
	detail jsonb,
	constraint bench_results_once unique (run_id, part, what)
);
create index bench_results_history on ops.bench_results (part, what, measured_at);

-- ── Search quality: trigram similarity, to compare with ─────────────────────────────────────────────────────

-- Makes the user's search texts findable by trigrams until the transaction ends, which is to be rolled back: then the
-- extension is gone too, if it had to be made. False: PostgreSQL has not got it, or may not.
create function ops.bench_trigrams(p_user uuid) returns bool
language plpgsql as $$
declare
	home text := (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm');
begin
	if home is null and not exists (select from pg_available_extensions where name = 'pg_trgm') then
		return false;
	end if;
	if home is null then
		create schema bench_trigrams;
		create extension pg_trgm schema bench_trigrams;
		home := 'bench_trigrams';
	end if;
	perform set_config('search_path', format('%I, pg_catalog', home), true);
	create temporary table bench_baseline on commit drop as
	select r.rid, replace(r.search_text, E'\n', ' ') as search_text
	from records.record r where r.user_id = p_user and r.deleted_at is null;
	execute 'create index on pg_temp.bench_baseline using gin (search_text gin_trgm_ops)';
	execute 'analyze pg_temp.bench_baseline';
	return true;
exception when insufficient_privilege then
	return false;
end $$;

-- What is similar to the folded query, or has a part that is, by PostgreSQL's own thresholds; the most similar first.
create function ops.bench_similar(p_query text, most int4) returns table (rid int4)
language plpgsql as $$
begin
	return query execute
		'select b.rid from pg_temp.bench_baseline b
		 where b.search_text % $1 or $1 <% b.search_text
		 order by greatest(similarity(b.search_text, $1), word_similarity($1, b.search_text)) desc, b.rid desc
		 limit $2' using p_query, most;
end $$;
