-- SPDX-License-Identifier: MIT
-- Several servers on one database; the functions are in migrations/0006_nodes.sql.

-- name: nodes_beat  params: leads bool, outbox bool, low text, patience_ms int8
-- rows: leads bool, outbox bool, sent int8, waited_ms int8, low text
-- On the listening connection. outbox and low may be NULL.
select leads, outbox, sent, waited_ms, low
from events.beat($1, $2, $3::text::xid8, $4::int8 * interval '1 millisecond');
