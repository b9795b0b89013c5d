-- SPDX-License-Identifier: MIT
-- Covers, and links by which others may look at a record or a collection.
--
-- A cover's bytes are a file of the server's data directory; where several servers share a database they are here as
-- well, and the files are copies. The row comes before the bytes and the record that shows them last, so that whatever
-- is interrupted leaves nothing but a cover without use, which housekeeping collects.

-- What a cover's id is keyed with, so that nobody can tell from a picture of their own who else has it.
create table auth.cover_key (
	only_one bool primary key default true check (only_one),
	secret bytea not null
);
insert into auth.cover_key (secret)
values (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

create table records.cover (
	id text collate "C" primary key check (id ~ '^[0-9a-f]{32}$'),
	user_id uuid not null,
	bytes int4 not null,
	n_uses int4 not null default 0,			-- records that show it, those in the trash included
	unused_since timestamptz not null default now(),	-- where n_uses is 0
	created_at timestamptz not null default now()
);
create index cover_owner on records.cover (user_id) include (bytes);
create index cover_unused on records.cover (unused_since) where n_uses = 0;

-- The bytes, where servers share the database. A row may be there shortly before its cover is.
create table records.cover_content (
	id text collate "C" primary key,
	content bytea not null,
	kept_at timestamptz not null default now()
);
alter table records.cover_content alter column content set storage external; -- pictures do not shrink

-- The user's cover of that content (its SHA-256 in hexadecimal digits): its id, from now on known and not to be
-- collected before its time. Null: the user's covers would be more than p_quota bytes.
create function records.cover_add(p_user uuid, p_digest text, p_bytes int4, p_quota int8) returns text
language plpgsql as $$
declare
	v_id text := (select encode(substr(sha256(k.secret || uuid_send(p_user) || decode(p_digest, 'hex')), 1, 16), 'hex')
		      from auth.cover_key k);
begin
	perform from records.user_state where user_id = p_user for update;
	update records.cover set unused_since = now() where id = v_id;
	if found then
		return v_id;
	end if;
	if p_bytes + (select coalesce(sum(bytes), 0) from records.cover where user_id = p_user) > p_quota then
		return null;
	end if;
	insert into records.cover (id, user_id, bytes) values (v_id, p_user, p_bytes);
	return v_id;
end $$;

-- The cover in a record's document, or null. Behind `extra` the keys are anybody's.
create function records.cover_of(doc text) returns text
language sql immutable parallel safe as $$
	select case when position(',"cover":"/covers/' in doc) between 1 and position(',"extra":{' in doc)
		then substr(doc, position(',"cover":"/covers/' in doc) + 18, 32) end
$$;

-- Keeps n_uses, whoever writes documents and why. A cover that is not there, or not the user's, fails the write with
-- 23503. Writes of one user are in line behind the lock of their row.
create function records.count_cover() returns trigger
language plpgsql as $$
declare
	gone text := case when tg_op <> 'INSERT' then records.cover_of(old.doc) end;
	come text := case when tg_op <> 'DELETE' then records.cover_of(new.doc) end;
	owner uuid;
begin
	if gone is not distinct from come then
		return null;
	end if;
	select user_id into owner from records.user_state
	where uid = case when tg_op = 'DELETE' then old.uid else new.uid end;
	if come is not null then
		update records.cover set n_uses = n_uses + 1 where id = come and user_id = owner;
		if not found then
			raise foreign_key_violation using message = 'no such cover of the user';
		end if;
	end if;
	update records.cover set n_uses = n_uses - 1, unused_since = now()
	where id = gone and user_id = owner and n_uses > 0;
	return null;
end $$;

create trigger cover_comes after insert on records.record_doc for each row
when (position(',"cover":"/covers/' in new.doc) > 0) execute function records.count_cover();
create trigger cover_changes after update of doc on records.record_doc for each row
when (position(',"cover":"/covers/' in old.doc) > 0 or position(',"cover":"/covers/' in new.doc) > 0)
execute function records.count_cover();
create trigger cover_goes after delete on records.record_doc for each row
when (position(',"cover":"/covers/' in old.doc) > 0) execute function records.count_cover();

-- Forgets covers that no record has shown since before p_before, `most` at most, and bytes that never got a cover. How
-- many covers that were. Nobody is waited for: what is being taken into use again just now stays.
create function records.collect_covers(p_before timestamptz, most int4) returns int8
language plpgsql as $$
declare
	n int8;
begin
	with unused as materialized (
		select id from records.cover where n_uses = 0 and unused_since < p_before
		order by unused_since limit most for update skip locked
	), gone as (
		delete from records.cover c using unused u where c.id = u.id returning c.id
	), bytes as (
		delete from records.cover_content b using gone g where b.id = g.id
	)
	select count(*) into n from gone;
	delete from records.cover_content b
	where b.kept_at < now() - interval '1 hour' and not exists (select from records.cover c where c.id = b.id);
	return n;
end $$;

-- ── Shares ──────────────────────────────────────────────────────────────────────────────────────────────────

-- The token is in the owner's list of links, so it is kept; it is looked up by its SHA-256, about which a guess and how
-- long its comparison takes say nothing.
create table auth.share (
	id uuid primary key,
	user_id uuid not null,
	record_id uuid,				-- null: the whole collection
	title text,
	show_prices bool not null,
	show_notes bool not null,
	token text not null,
	digest text collate "C" not null unique,
	views int8 not null default 0,
	created_at timestamptz not null default now(),
	expires_at timestamptz
) with (fillfactor = 80);
create index share_owner on auth.share (user_id, created_at);
