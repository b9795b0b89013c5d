-- SPDX-License-Identifier: MIT
-- Accounts: who may sign in, their sessions, what has been revoked, and the keys that sign access tokens.

create table auth.account (
	id uuid primary key,
	email text not null,
	email_folded text not null,
	password_hash text not null,
	password_set_at timestamptz not null default now(),
	created_at timestamptz not null default now(),
	constraint account_email_once unique (email_folded)
);
comment on column auth.account.email is 'as it was typed';
comment on column auth.account.email_folded is 'case-folded and composed by the server: what makes two addresses the same';

-- A session is a family of refresh tokens; its id is the claim `fam` of its access tokens. Ended: deleted.
create table auth.session (
	user_id uuid not null references auth.account on delete cascade,
	id uuid not null,
	created_at timestamptz not null default now(),
	used_at timestamptz not null default now(),
	expires_at timestamptz not null,
	user_agent text,
	address text,
	primary key (user_id, id),
	constraint session_id_once unique (id)
);
create index session_expiry on auth.session (expires_at);

-- Spent ones are kept until they expire, so that a second use is noticed.
create table auth.refresh_token (
	digest bytea primary key,
	session_id uuid not null references auth.session (id) on delete cascade,
	expires_at timestamptz not null,
	spent_at timestamptz
);
create index refresh_token_session on auth.refresh_token (session_id);
create index refresh_token_expiry on auth.refresh_token (expires_at);

-- Token ids and families, each until the last access token concerned has expired by itself.
create table auth.revoked (
	id uuid primary key,
	until timestamptz not null
);
create index revoked_until on auth.revoked (until);

-- With an external database the keys live here, so that every node agrees: slot 0 signs, both verify.
create table auth.signing_key (
	slot int2 primary key check (slot in (0, 1)),
	key text not null
);

-- The one-time link that makes the first account. One row at most.
create table auth.setup_link (
	only_one bool primary key default true check (only_one),
	digest bytea not null,
	expires_at timestamptz not null
);

-- Keeps the id as revoked and tells every node: `ID:SECONDS` on channel recordd_revoked.
create function auth.revoke(p_id uuid, p_until timestamptz) returns uuid language plpgsql as $$
begin
	if p_until > now() then
		insert into auth.revoked as r (id, until) values (p_id, p_until)
		on conflict (id) do update set until = greatest(r.until, excluded.until);
		perform pg_notify('recordd_revoked', p_id || ':' || ceil(extract(epoch from p_until))::int8);
	end if;
	return p_id;
end $$;

-- Spends a refresh token and puts another of its family in its place. Outcomes: `renewed`; `unknown` (never issued,
-- expired, or its session has ended); `reused` (spent longer ago than the grace: the whole family has been ended).
create function auth.refresh(p_shown bytea, p_fresh bytea, p_expires timestamptz, p_grace interval,
			     p_revoked_until timestamptz)
returns table (outcome text, user_id uuid, email text, created_at timestamptz, session_id uuid)
language plpgsql as $$
#variable_conflict use_column
declare
	v_session uuid;
	v_spent timestamptz;
begin
	-- The session's row is the family's lock. What is read after it is what those before us have left.
	select s.id into v_session from auth.session s
	where s.id = (select t.session_id from auth.refresh_token t where t.digest = p_shown) for update;
	select t.spent_at into v_spent from auth.refresh_token t
	where t.digest = p_shown and t.session_id = v_session and t.expires_at > clock_timestamp();
	if not found then
		return query select 'unknown', null::uuid, null::text, null::timestamptz, null::uuid;
		return;
	end if;
	if v_spent + p_grace <= clock_timestamp() then
		return query select 'reused', s.user_id, null::text, null::timestamptz, auth.revoke(s.id, p_revoked_until)
			from auth.session s where s.id = v_session;
		delete from auth.session s where s.id = v_session;
		return;
	end if;
	update auth.refresh_token t set spent_at = clock_timestamp() where t.digest = p_shown and t.spent_at is null;
	insert into auth.refresh_token (digest, session_id, expires_at) values (p_fresh, v_session, p_expires);
	update auth.session s set used_at = clock_timestamp(), expires_at = p_expires where s.id = v_session;
	return query select 'renewed', a.id, a.email, a.created_at, v_session
		from auth.session s join auth.account a on a.id = s.user_id where s.id = v_session;
end $$;

-- Sets a password if the old hash is still the one given (NULL: whatever it is), and ends all sessions but p_keep.
-- No row: not set. Else one row of NULL, and one for each session that was ended.
create function auth.set_password(p_user uuid, p_old text, p_new text, p_keep uuid, p_revoked_until timestamptz)
returns table (ended uuid) language plpgsql as $$
begin
	update auth.account set password_hash = p_new, password_set_at = now()
	where id = p_user and (p_old is null or password_hash = p_old);
	if not found then
		return;
	end if;
	return query select null::uuid;
	-- A statement of its own: it sees the session of a log-in that held the account's row until now.
	return query with gone as (delete from auth.session s where s.user_id = p_user and s.id is distinct from p_keep
				   returning s.id)
		select auth.revoke(id, p_revoked_until) from gone;
end $$;
