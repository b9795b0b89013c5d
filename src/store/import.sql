-- SPDX-License-Identifier: MIT
-- What an import needs besides records.sql. Each batch is a transaction.

-- name: import_lock  params: owner uuid  rows: version int8
-- Holds back the user's other writes until the transaction ends: what was looked up stays true.
insert into records.user_state as s (user_id) values ($1)
on conflict (user_id) do update set version = s.version
returning version;

-- name: import_savepoint  params:  rows:
savepoint import_part;

-- name: import_undo  params:  rows:
-- Back to the savepoint, which stays.
rollback to savepoint import_part;
