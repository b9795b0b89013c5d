-- SPDX-License-Identifier: MIT
-- Accounts, sessions, revocation, signing keys, idempotency keys. Digests are hexadecimal text on the wire.

-- name: accounts_find  params: email_folded text  rows: id uuid, email text, password_hash text, created_at timestamptz
select id, email, password_hash, created_at from auth.account where email_folded = $1;

-- name: accounts_get  params: id uuid  rows: email text, password_hash text, created_at timestamptz
select email, password_hash, created_at from auth.account where id = $1;

-- name: accounts_add  params: id uuid, email text, email_folded text, password_hash text  rows: created_at timestamptz
-- No row: the address is taken.
insert into auth.account (id, email, email_folded, password_hash) values ($1, $2, $3, $4)
on conflict (email_folded) do nothing
returning created_at;

-- name: accounts_list  params:  rows: id uuid, email text, created_at timestamptz, n_sessions int8
select a.id, a.email, a.created_at, count(s.id)
from auth.account a left join auth.session s on s.user_id = a.id and s.expires_at > now()
group by a.id order by a.email_folded;

-- name: accounts_set_password
-- params: id uuid, old_hash text, new_hash text, keep_session uuid, revoked_until timestamptz
-- rows: ended uuid
-- No row: not set, the old hash was another. Else a NULL, then the sessions that were ended.
select ended from auth.set_password($1, $2, $3, $4, $5);

-- name: setup_link_set  params: digest text, expires_at timestamptz  rows: done bool
-- No row: there are accounts already.
insert into auth.setup_link as l (digest, expires_at)
select decode($1, 'hex'), $2 where not exists (select from auth.account)
on conflict (only_one) do update set digest = excluded.digest, expires_at = excluded.expires_at
returning true;

-- name: setup_link_take
-- params: digest text, id uuid, email text, email_folded text, password_hash text
-- rows: created_at timestamptz
-- Makes the first account. No row: the link is unknown, expired or used, or there are accounts already.
with link as (
	delete from auth.setup_link
	where digest = decode($1, 'hex') and expires_at > now() and not exists (select from auth.account)
	returning true
)
insert into auth.account (id, email, email_folded, password_hash) select $2, $3, $4, $5 from link
on conflict (email_folded) do nothing
returning created_at;

-- name: sessions_start
-- params: user_id uuid, password_hash text, id uuid, digest text, expires_at timestamptz, user_agent text, address text
-- rows: id uuid
-- No row: the password has been changed since it was checked.
with account as (
	select id from auth.account where id = $1 and password_hash = $2 for share
), session as (
	insert into auth.session (user_id, id, expires_at, user_agent, address)
	select id, $3, $5, left($6, 256), $7 from account
	returning id
), token as (
	insert into auth.refresh_token (digest, session_id, expires_at) select decode($4, 'hex'), id, $5 from session
)
select id from session;

-- name: sessions_refresh
-- params: shown text, fresh text, expires_at timestamptz, grace_ms int8, revoked_until timestamptz, user_agent text, address text
-- rows: outcome text, user_id uuid, email text, created_at timestamptz, session_id uuid
select outcome, user_id, email, created_at, session_id
from auth.refresh(decode($1, 'hex'), decode($2, 'hex'), $3, $4::int8 * interval '1 millisecond', $5, $6, $7);

-- name: sessions_list  params: user_id uuid
-- rows: id uuid, created_at timestamptz, used_at timestamptz, expires_at timestamptz, user_agent text, address text
select id, created_at, used_at, expires_at, user_agent, address
from auth.session where user_id = $1 and expires_at > now() order by used_at desc, id limit 500;

-- name: sessions_end  params: user_id uuid, id uuid, revoked_until timestamptz  rows: id uuid
-- No row: the user has no such session.
with gone as (delete from auth.session where user_id = $1 and id = $2 returning id)
select auth.revoke(id, $3) from gone;

-- name: sessions_end_all  params: user_id uuid, keep uuid, revoked_until timestamptz  rows: id uuid
-- All but `keep`, which may be NULL.
with gone as (delete from auth.session where user_id = $1 and id is distinct from $2 returning id)
select auth.revoke(id, $3) from gone;

-- name: sessions_log_out
-- params: user_id uuid, id uuid, id_until timestamptz, jti uuid, jti_until timestamptz
-- rows: id uuid, jti uuid
-- Ends the session if it has not ended, and revokes both whatever was before.
with gone as (delete from auth.session where user_id = $1 and id = $2)
select auth.revoke($2, $3), auth.revoke($4, $5);

-- name: api_tokens_add
-- params: user_id uuid, id uuid, digest text, name text, prefix text, scopes text, expires_at timestamptz, most int8
-- rows: created_at timestamptz
-- No row: the account has as many as it may.
select created_at from auth.add_api_token($1, $2, decode($3, 'hex'), $4, $5, $6, $7, $8);

-- name: api_tokens_list  params: user_id uuid
-- rows: id uuid, name text, prefix text, scopes text, created_at timestamptz, expires_at timestamptz, last_used_at timestamptz
select id, name, prefix, scopes, created_at, expires_at, last_used_at
from auth.api_token where user_id = $1 order by created_at desc, id desc;

-- name: api_tokens_use  params: digest text
-- rows: user_id uuid, email text, id uuid, scopes text, expires_at timestamptz
-- Whose it is. That it was used is noted once a minute.
with found as (
	select t.user_id, a.email, t.id, t.scopes, t.expires_at
	from auth.api_token t join auth.account a on a.id = t.user_id where t.digest = decode($1, 'hex')
), used as (
	update auth.api_token t set last_used_at = now() from found f
	where t.user_id = f.user_id and t.id = f.id
	  and (t.last_used_at is null or t.last_used_at <= now() - interval '1 minute')
	  and (f.expires_at is null or f.expires_at > now())
)
select user_id, email, id, scopes, expires_at from found;

-- name: api_tokens_revoke  params: user_id uuid, id uuid, revoked_until timestamptz  rows: id uuid
-- No row: the user has no such token.
with gone as (delete from auth.api_token where user_id = $1 and id = $2 returning id)
select auth.revoke(id, $3) from gone;

-- name: preferences_get  params: user_id uuid  rows: currency text, locale text, theme text, density text
select currency, locale, theme, density from auth.preferences where user_id = $1;

-- name: preferences_set
-- params: user_id uuid, currency text, locale text, theme text, density text
-- rows: currency text, locale text, theme text, density text
-- No row: there is no such account any more.
insert into auth.preferences as p (user_id, currency, locale, theme, density)
select id, $2, $3, $4, $5 from auth.account where id = $1
on conflict (user_id) do update set currency = excluded.currency, locale = excluded.locale, theme = excluded.theme,
	density = excluded.density, updated_at = now()
returning currency, locale, theme, density;

-- name: revocations_list  params:  rows: id uuid, until timestamptz
select id, until from auth.revoked where until > now();

-- name: signing_keys_list  params:  rows: key text
-- The one that signs comes first.
select key from auth.signing_key order by slot;

-- name: signing_keys_first  params: key text
-- The first node to start makes the key, the others find it.
insert into auth.signing_key (slot, key) values (0, $1) on conflict (slot) do nothing;

-- name: signing_keys_rotate  params: key text
-- A new one signs, the one before it still verifies.
with former as (select key from auth.signing_key where slot = 0 for update)
insert into auth.signing_key as k (slot, key) select 1, key from former union all select 0, $1
on conflict (slot) do update set key = excluded.key;

-- name: signing_keys_tell  params:  rows: done text
-- Every node reads its keys again.
select pg_notify('recordd_revoked', 'keys')::text;

-- name: idempotency_claim  params: user_id uuid, key text, request_hash text  rows: free bool, claimed bool
-- Within a transaction, which it lasts as long as. Not free: a request of this key is under way. Free and not claimed:
-- one has been answered, see idempotency_find.
with lock as materialized (
	select pg_try_advisory_xact_lock(hashtextextended($1::uuid::text || $2, 0)) as free
), claim as (
	insert into ops.idempotency as k (user_id, key, request_hash) select $1, $2, $3 from lock where free
	on conflict (user_id, key) do update
	set request_hash = excluded.request_hash, status = null, headers = null, body = null, created_at = now()
	where k.created_at <= now() - interval '24 hours'
	returning true
)
select free, exists (select from claim) from lock;

-- name: idempotency_find  params: user_id uuid, key text
-- rows: request_hash text, status int2, headers text, body text
select request_hash, status, headers, body from ops.idempotency where user_id = $1 and key = $2;

-- name: idempotency_keep  params: user_id uuid, key text, status int2, headers text, body text
update ops.idempotency set status = $3, headers = $4, body = $5 where user_id = $1 and key = $2;

-- name: auth_prune  params:  rows: done bool
-- What has expired goes.
with sessions as (
	delete from auth.session where expires_at < now()
), tokens as (
	delete from auth.refresh_token where expires_at < now()
), revoked as (
	delete from auth.revoked where until < now()
), answers as (
	delete from ops.idempotency where created_at < now() - interval '24 hours'
)
select true;
