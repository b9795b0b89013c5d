-- SPDX-License-Identifier: MIT
-- Whether a record is in the trash, without a look at the record: there are few, so the index is small and stays in
-- memory. It costs nothing but the deletions.
create index record_trashed on records.record (user_id, rid) where deleted_at is not null;
