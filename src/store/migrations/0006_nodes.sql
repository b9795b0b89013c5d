-- SPDX-License-Identifier: MIT
-- Several servers on one database: how each is told what the others changed.
--
-- Few changes are told by the write itself (NOTIFY). That takes a lock of the whole database that is held over the
-- commit's fsync, so when there are many, writes leave a row here instead, and one server, the notifier, tells of all
-- of them together, some fifty times a second. Both ways are always understood, whichever is in use.

create table events.notifying (
	only_one bool primary key default true check (only_one),
	outbox bool not null default false	-- writes leave rows; else they notify
);
insert into events.notifying default values;

-- Changes committed and not yet told. A crash of PostgreSQL may lose them: it ends all listening connections, too, and
-- who listens anew trusts nothing from before.
create unlogged table events.change (
	xact xid8 not null default pg_current_xact_id(),
	user_id uuid not null,
	version int8 not null,
	at timestamptz not null default clock_timestamp()
) with (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
create index change_xact on events.change (xact);

-- Tells all servers, when this transaction commits or soon after, that the user's data is at this version.
create function events.tell(p_user uuid, p_version int8) returns void
language plpgsql as $$
begin
	if (select outbox from events.notifying) then
		insert into events.change (user_id, version) values (p_user, p_version);
	else
		perform pg_notify('recordd_changed', format('u%s:%s', p_user, p_version));
	end if;
end $$;

-- Tells of the changes that were left before p_before by transactions from p_low on (null: all), some thousand at a
-- time: `u<user>:<version>` for each user, several to a message with blanks between. They are gone exactly if they were
-- told. How many there were, and for how many milliseconds the oldest had waited.
create function events.send(p_low xid8, p_before timestamptz) returns table (sent int8, waited_ms int8)
language plpgsql as $$
begin
	if not exists (select from events.change where xact >= coalesce(p_low, '0') and at <= p_before) then
		return query select 0::int8, 0::int8;
		return;
	end if;
	-- What a crash may take back needs no fsync, and the lock of NOTIFY is not held over one.
	perform set_config('synchronous_commit', 'off', true);
	return query
	with gone as materialized (
		delete from events.change where ctid = any (array(
			select ctid from events.change where xact >= coalesce(p_low, '0') and at <= p_before
			order by xact limit 5000 for update skip locked))
		returning user_id, version, at
	), users as (
		select format('u%s:%s', user_id, max(version)) as item, row_number() over () / 120 as message
		from gone group by user_id
	), told as materialized (
		select pg_notify('recordd_changed', string_agg(item, ' ')) from users group by message
	)
	select count(*), coalesce(1000 * extract(epoch from clock_timestamp() - min(at)), 0)::int8
	from gone where (select count(*) from told) >= 0;
end $$;

-- A listening server's sign of life. p_leads: it is the notifier; who is not becomes it when nobody else is. p_outbox:
-- the way of telling that the notifier wants from now on (null: as it is). The notifier tells of all changes, the others
-- only of what it should have told long ago. `low`: all that was left by transactions before it has been seen.
create function events.beat(p_leads boolean, p_outbox boolean, p_low xid8, p_patience interval)
returns table (leads boolean, outbox boolean, sent int8, waited_ms int8, low text)
language plpgsql as $$
declare
	v_leads boolean := p_leads or pg_try_advisory_lock(7238451104);
	v_low xid8 := pg_snapshot_xmin(pg_current_snapshot());
begin
	if v_leads and p_outbox is not null then
		update events.notifying n set outbox = p_outbox where n.outbox <> p_outbox;
	end if;
	return query
	select v_leads, n.outbox, s.sent, s.waited_ms, v_low::text
	from events.notifying n,
	     events.send(case when v_leads then p_low end,
			 case when v_leads then 'infinity' else clock_timestamp() - p_patience end) s;
end $$;

-- As it was, but for how it tells.
create or replace function records.take_versions(p_user uuid, n int4) returns records.user_state
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
		perform events.tell(p_user, me.version);
	end if;
	return me;
end $$;
