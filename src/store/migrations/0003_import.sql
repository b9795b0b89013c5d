-- Imports: what was wrong with which row of a file.

create table ops.job_fault (
	user_id uuid not null,
	job_id uuid not null,
	seq int8 generated always as identity,
	row_number int8 not null,	-- from 1; the header is a row
	line int8 not null,		-- of the file, from 1
	field text,
	message text not null,
	primary key (user_id, job_id, seq),
	foreign key (user_id, job_id) references ops.job on delete cascade
);

create index job_unfinished on ops.job (created_at) where state in ('queued', 'running');
