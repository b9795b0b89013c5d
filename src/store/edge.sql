-- SPDX-License-Identifier: MIT
-- name: ping  params:  rows: one int4
-- Whether the database answers.
SELECT 1;
