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
