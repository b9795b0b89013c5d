-- SPDX-License-Identifier: MIT
-- Several servers on one database; the functions are in migrations/0006_nodes.sql.

-- name: nodes_beat  params: leads bool, outbox bool, low text, patience_ms int8, look bool
-- rows: leads bool, outbox bool, sent int8, waited_ms int8, low text, n_waiting int8
-- On the listening connection. outbox and low may be NULL. n_waiting, if it is looked for: transactions that wait for the
-- lock that NOTIFY takes until its commit, which is on "database 0".
select leads, outbox, sent, waited_ms, low,
       case when $5 then (select count(*) from pg_locks
			  where locktype = 'object' and classid = 'pg_database'::regclass and objid = 0 and not granted) else 0 end
from events.beat($1, $2, $3::text::xid8, $4::int8 * interval '1 millisecond');

-- name: nodes_position  params:  rows: position int8, recovers bool, system text
-- How far this server's data goes in the log of changes: written here, or, on a replica, replayed.
select coalesce(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end - '0/0', 0)::int8,
       pg_is_in_recovery(), system_identifier::text
from pg_control_system();
