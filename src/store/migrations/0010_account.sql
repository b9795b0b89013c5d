-- SPDX-License-Identifier: MIT
-- More about accounts: API tokens, preferences, and where a session was last used from.

-- Bearers for programs, until they are revoked: deleted. Only a digest of each is kept.
create table auth.api_token (
	user_id uuid not null references auth.account on delete cascade,
	id uuid not null,
	digest bytea not null,
	name text not null,
	prefix text not null,		-- how it begins, to be known again
	scopes text not null,		-- words of auth/scope.def with blanks between
	created_at timestamptz not null default now(),
	expires_at timestamptz,
	last_used_at timestamptz,	-- to the minute
	primary key (user_id, id),
	constraint api_token_digest_once unique (digest)
) with (fillfactor = 80);

-- How an account likes to be shown things; null is whatever the device says.
create table auth.preferences (
	user_id uuid primary key references auth.account on delete cascade,
	currency text,
	locale text,
	theme text,
	density text,
	updated_at timestamptz not null default now()
);

-- No row: the account has p_most already. Its row's lock lets nobody count at the same time.
create function auth.add_api_token(p_user uuid, p_id uuid, p_digest bytea, p_name text, p_prefix text, p_scopes text,
				   p_expires timestamptz, p_most int8)
returns table (created_at timestamptz) language plpgsql as $$
#variable_conflict use_column
begin
	perform from auth.account a where a.id = p_user for no key update;
	if not found or (select count(*) from auth.api_token t where t.user_id = p_user) >= p_most then
		return;
	end if;
	return query
	insert into auth.api_token as t (user_id, id, digest, name, prefix, scopes, expires_at)
	values (p_user, p_id, p_digest, p_name, p_prefix, p_scopes, p_expires)
	returning t.created_at;
end $$;

-- As before, and notes who renewed: a session is told by where it was last used from.
create function auth.refresh(p_shown bytea, p_fresh bytea, p_expires timestamptz, p_grace interval,
			     p_revoked_until timestamptz, p_user_agent text, p_address text)
returns table (outcome text, user_id uuid, email text, created_at timestamptz, session_id uuid)
language plpgsql as $$
#variable_conflict use_column
begin
	select r.outcome, r.user_id, r.email, r.created_at, r.session_id
	into outcome, user_id, email, created_at, session_id
	from auth.refresh(p_shown, p_fresh, p_expires, p_grace, p_revoked_until) r;
	if outcome = 'renewed' then
		update auth.session s set user_agent = left(p_user_agent, 256), address = p_address where s.id = session_id;
	end if;
	return next;
end $$;
