-- SPDX-License-Identifier: MIT
-- Events for a user's own clients: what they are made of is in migrations/0009_events.sql.

-- name: events_look  params: owner uuid, after_seq int8, count int8
-- rows: version int8, job_seq int8, seq int8, id uuid, kind text, state text, args jsonb, progress jsonb, error text, created_at timestamptz, updated_at timestamptz, finished_at timestamptz, undoable bool, undone_by uuid
-- Where the user's records and jobs are, and the first of the jobs that changed after after_seq, in their order; of who
-- does not know one (-1), those under way. A row at least; id is NULL in it when there is no job.
select coalesce(s.version, 0), coalesce(f.job_seq, 0), coalesce(j.seq, 0), j.id, j.kind, j.state, j.args - 'columns', j.progress,
       j.error, j.created_at, j.updated_at, j.finished_at, coalesce(j.undoable, false), j.undone_by
from (values (1)) one
left join records.user_state s on s.user_id = $1
left join events.feed f on f.user_id = $1
left join lateral (
	select x.seq, x.id, x.kind, x.state, x.args, x.progress, x.error, x.created_at, x.updated_at, x.finished_at,
	       ops.can_undo(x) as undoable, x.undone_by
	from ops.job x
	where x.user_id = $1 and x.seq > $2 and ($2 >= 0 or x.state in ('queued', 'running'))
	order by x.seq limit $3) j on true
order by j.seq;
