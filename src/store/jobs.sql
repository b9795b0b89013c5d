-- SPDX-License-Identifier: MIT
-- Long work with progress. A job is queued, running, and then done, failed or cancelled; one that a stop of the server
-- interrupted is still running here, and is taken up again at the next start.

-- name: jobs_add  params: owner uuid, id uuid, kind text, args jsonb, progress jsonb, undoable bool  rows: created_at timestamptz
insert into ops.job (user_id, id, kind, args, progress, undoable) values ($1, $2, $3, $4, $5, $6) returning created_at;

-- name: jobs_get  params: owner uuid, id uuid
-- rows: id uuid, kind text, state text, args jsonb, progress jsonb, error text, created_at timestamptz, updated_at timestamptz, finished_at timestamptz, undoable bool, undone_by uuid
select id, kind, state, args - 'columns', progress, error, created_at, updated_at, finished_at, ops.can_undo(j), undone_by
from ops.job j where user_id = $1 and id = $2;

-- name: jobs_list  params: owner uuid, kind text, count int8
-- rows: id uuid, kind text, state text, args jsonb, progress jsonb, error text, created_at timestamptz, updated_at timestamptz, finished_at timestamptz, undoable bool, undone_by uuid
-- The newest; of any kind where that is NULL.
select id, kind, state, args - 'columns', progress, error, created_at, updated_at, finished_at, ops.can_undo(j), undone_by
from ops.job j where user_id = $1 and kind = coalesce($2, kind)
order by created_at desc, id desc limit $3;

-- name: jobs_cancel  params: owner uuid, id uuid  rows: kind text
-- No row: there is none, or it has ended already.
update ops.job set state = 'cancelled', updated_at = now(), finished_at = now()
where user_id = $1 and id = $2 and state in ('queued', 'running')
returning kind;

-- name: jobs_unfinished  params: kind text  rows: owner uuid, id uuid
-- Oldest first, of all users.
select user_id, id from ops.job where kind = $1 and state in ('queued', 'running') order by created_at;

-- name: jobs_begin  params: owner uuid, id uuid  rows: args jsonb, progress jsonb
-- No row: cancelled meanwhile.
update ops.job set state = 'running', updated_at = now()
where user_id = $1 and id = $2 and state in ('queued', 'running')
returning args, progress;

-- name: jobs_progress  params: owner uuid, id uuid, progress jsonb  rows: id uuid
-- No row: cancelled meanwhile.
update ops.job set progress = $3, updated_at = now() where user_id = $1 and id = $2 and state = 'running' returning id;

-- name: jobs_finish  params: owner uuid, id uuid, state text, error text  rows: id uuid
update ops.job set state = $3, error = $4, updated_at = now(), finished_at = now()
where user_id = $1 and id = $2 and state in ('queued', 'running')
returning id;

-- name: jobs_add_faults
-- params: owner uuid, id uuid, row_numbers int8[], lines int8[], fields text[], messages text[]
-- rows: n int8
with added as (
	insert into ops.job_fault (user_id, job_id, row_number, line, field, message)
	select $1, $2, f.row_number, f.line, f.field, f.message
	from unnest($3::int8[], $4::int8[], $5::text[], $6::text[]) with ordinality f (row_number, line, field, message, o)
	order by f.o
	returning 1)
select count(*) from added;

-- name: jobs_faults  params: owner uuid, id uuid, after_seq int8, count int8
-- rows: seq int8, row_number int8, line int8, field text, message text
select seq, row_number, line, field, message from ops.job_fault
where user_id = $1 and job_id = $2 and seq > $3
order by seq limit $4;

-- name: jobs_prune  params: before timestamptz  rows: n int8
-- Forgets what ended before then, whoever's it was.
with gone as (delete from ops.job where finished_at < $1 returning user_id, id),
     formers as (delete from ops.import_former f using gone g where f.user_id = g.user_id and f.job_id = g.id)
select count(*) from gone;

-- name: jobs_undo  params: owner uuid, import uuid, id uuid  rows: args jsonb, progress jsonb, created_at timestamptz
-- A job that undoes the import. No row: there is no such import, or it cannot be undone.
with target as (
	update ops.job j set undone_by = $3
	where j.user_id = $1 and j.id = $2 and j.kind = 'import' and ops.can_undo(j)
	returning j.id)
insert into ops.job (user_id, id, kind, args, progress)
select $1, $3, 'undo', jsonb_build_object('importId', t.id), jsonb_build_object('total',
	(select coalesce(sum(last_rid - first_rid + 1), 0) from ops.import_part where user_id = $1 and job_id = $2) +
	(select count(*) from ops.import_former where user_id = $1 and job_id = $2 and doc is not null))
from target t
returning args, progress, created_at;
