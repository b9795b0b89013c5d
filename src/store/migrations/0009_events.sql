-- SPDX-License-Identifier: MIT
-- What events are made of: a user's jobs in the order in which they changed. And what undoing an import takes.

-- ── Jobs in order ───────────────────────────────────────────────────────────────────────────────────────────

-- One row a user. Its lock orders the changes of the user's jobs, so that whoever has seen them up to `job_seq` has
-- missed none before.
create table events.feed (
	user_id uuid primary key,
	job_seq int8 not null default 0
) with (fillfactor = 50);

alter table ops.job
	add column seq int8 not null default 0,			-- the user's job_seq at which it last changed
	add column undoable boolean not null default false,	-- it is known what it changed
	add column undone_by uuid;				-- the job that undoes it
create index job_feed on ops.job (user_id, seq);
create index job_newest on ops.job (user_id, created_at);

-- Told like a change of records, with the version that they have: who follows it looks at the jobs, too.
create function events.job_changes() returns trigger
language plpgsql as $$
begin
	insert into events.feed as f (user_id, job_seq) values (new.user_id, 1)
	on conflict (user_id) do update set job_seq = f.job_seq + 1
	returning f.job_seq into new.seq;
	perform events.tell(new.user_id, coalesce((select version from records.user_state where user_id = new.user_id), 0));
	return new;
end $$;

create trigger job_changes before insert or update on ops.job for each row execute function events.job_changes();

-- ── Undoing ─────────────────────────────────────────────────────────────────────────────────────────────────

-- What an import made, a row a batch and not one a record, so that importing costs no more than before: the records
-- have the numbers first_rid to last_rid, and as long as nobody has changed it, each the change version rid + shift.
create table ops.import_part (
	user_id uuid not null,
	job_id uuid not null,
	first_rid int4 not null,
	last_rid int4 not null,
	shift int8 not null,
	primary key (user_id, job_id, first_rid),
	foreign key (user_id, job_id) references ops.job on delete cascade
);

-- What an import found and filled: the document as it was (null: the import had made the record itself), and the change
-- version that the import gave it last. Without a foreign key, which would be looked up for each; see jobs_prune.
create table ops.import_former (
	user_id uuid not null,
	job_id uuid not null,
	rid int4 not null,
	changed int8 not null,
	doc text,
	primary key (user_id, job_id, rid)
);

-- An import that has ended can be undone once; again, if the undoing ended before it was through.
create function ops.can_undo(j ops.job) returns boolean
language sql stable as $$
	select j.undoable and j.state in ('done', 'failed', 'cancelled')
	   and (j.undone_by is null
		or exists (select from ops.job u
			   where u.user_id = j.user_id and u.id = j.undone_by and u.state in ('failed', 'cancelled')))
$$;

-- Puts into the trash what the import made and nobody has changed since, `most` records at a time, and forgets that the
-- import made them. `through`: how many that were; `removed` of them, and `kept`, which are there and were changed.
-- `more`: to be called again.
create function ops.undo_made(p_user uuid, p_job uuid, most int4, out through int8, out removed int8, out kept int8, out more boolean)
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
	me records.user_state;
	part ops.import_part;
	last int4;
	rids int4[];
begin
	select * into me from records.user_state where user_id = p_user for update;
	select * into part from ops.import_part where user_id = p_user and job_id = p_job order by first_rid limit 1;
	through := 0;
	removed := 0;
	kept := 0;
	more := found;
	if not found then
		return;
	end if;
	last := least(part.last_rid, part.first_rid + most - 1);
	through := last - part.first_rid + 1;
	rids := array(
		select r.rid from records.record r
		where r.user_id = p_user and r.rid between part.first_rid and last and r.deleted_at is null
		and (r.changed = r.rid + part.shift
		     or exists (select from ops.import_former f
				where f.user_id = p_user and f.job_id = p_job and f.rid = r.rid and f.doc is null and f.changed = r.changed))
		order by r.rid);
	removed := cardinality(rids);
	select count(*) - removed into kept
	from records.record r where r.user_id = p_user and r.rid between part.first_rid and last and r.deleted_at is null;
	if removed > 0 then
		me := records.take_versions(p_user, removed::int4);
		update records.user_state set n_records = n_records - removed where user_id = p_user;
		perform records.facets_uncount(p_user, me.uid, part.first_rid, last);
		update records.record r set changed = me.version - removed + g.o, deleted_at = now()
		from unnest(rids) with ordinality g (rid, o)
		where r.user_id = p_user and r.rid = g.rid;
		perform records.facets_count(p_user, me.uid, part.first_rid, last);
	end if;
	delete from ops.import_former
	where user_id = p_user and job_id = p_job and rid between part.first_rid and last and doc is null;
	delete from ops.import_part where user_id = p_user and job_id = p_job and first_rid = part.first_rid;
	if last < part.last_rid then
		insert into ops.import_part (user_id, job_id, first_rid, last_rid, shift)
		values (p_user, p_job, last + 1, part.last_rid, part.shift);
	end if;
end $$;
