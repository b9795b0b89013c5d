/* SPDX-License-Identifier: MIT */
/* The migrations, and every compiled-in statement against what they make: declared types are what PostgreSQL finds. */
#include "db/check_statements.h"
#include "db/migrate.h"
#include "db/sync.h"
#include "db_harness.h"
#include "store_migrations.h"
#include "store_statements.h"

STATEMENT(add_old_records,
	  "SELECT records.insert_batch(o, ARRAY[o, p], ARRAY[d, d], ARRAY['{160110abba,001002x}', '{}'], ARRAY['a', 'b'], "
	  "ARRAY['abba', ''])::text, records.add_aliases(o, o, ARRAY['agnetha', 'x'], ARRAY['{160110agnetha,160050x}', "
	  "'{032100x}'])::text FROM (VALUES ('00000000-0000-4000-8000-000000000001'::uuid, "
	  "'00000000-0000-4000-8000-000000000002'::uuid, '{\"artist\":\"ABBA\",\"name\":\"X\",\"format\":\"LP\",\"version\":1,"
	  "\"createdAt\":\"2026-01-01T00:00:00Z\",\"updatedAt\":\"2026-01-01T00:00:00Z\",\"purchasedAt\":\"2020-02-03T00:00:00Z\"}')) v (o, p, d)",
	  0, "");
STATEMENT(read_packed_terms,
	  "SELECT string_agg(format('%s: %s; %s', d.rid, d.terms, coalesce(d.alias_terms, 'none')), E'\n' ORDER BY d.rid), "
	  "(SELECT string_agg(f.kind || f.n, ' ' ORDER BY f.kind) FROM records.facet f), "
	  "(SELECT string_agg(r.purchased_at::date::text, ' ') FROM records.record r) FROM records.record_doc d",
	  0, "");

enum { BEFORE_PACKED_TEXT = 4 }; /* the last migration that keeps packed terms in arrays */

static int migrate(struct world *world, size_t n)
{
	struct str owner = db_cluster_conninfo(world->dir, "recordd_owner", world->arena);
	int n_applied;

	if (db_migrate(owner, store_migrations, n, world->arena, &world->said, &n_applied))
		fail_msg("%.*s", STR_ARG(world->said));
	return n_applied;
}

static void the_migrations_apply_and_keep_what_records_are_found_by(void **state)
{
	struct world *world = *state;
	struct str owner = db_cluster_conninfo(world->dir, "recordd_owner", world->arena);

	assert_int_equal(migrate(world, BEFORE_PACKED_TEXT), BEFORE_PACKED_TEXT);
	owned(db_sync_drop) struct db_sync *sync = db_sync_open(owner, "test", world->arena, &world->said);
	assert_non_null(sync);
	if (db_sync_run(sync, &add_old_records, NULL))
		fail_msg("%.*s", STR_ARG(db_sync_said(sync)));
	assert_int_equal(migrate(world, store_migrations_count), store_migrations_count - BEFORE_PACKED_TEXT);
	assert_int_equal(db_sync_run(sync, &read_packed_terms, NULL), 0);
	assert_string_equal(db_text(db_sync_rows(sync), 0, 0).at,
			    "1: 160110abba\n001002x; 160110agnetha\n160050x\n032100x\n2: ; none");
	assert_string_equal(db_text(db_sync_rows(sync), 0, 1).at, "artist2 format2");
	assert_string_equal(db_text(db_sync_rows(sync), 0, 2).at, "2020-02-03 2020-02-03");
}

/* As the server's own role, so that a missing grant is found, too. */
static void every_statement_has_the_types_it_declares(void **state)
{
	struct world *world = *state;
	struct str app = db_cluster_conninfo(world->dir, "recordd_app", world->arena);
	owned(buf_free) struct buf differences = buf_of(1 << 20);

	assert_true(store_statements_count > 0);
	int outcome = db_check_statements(app, store_statements, store_statements_count, &differences);
	for (struct str rest = buf_str(&differences); rest.len;) {
		struct str line = str_cut(rest, '\n', &rest);
		print_error("%.*s\n", STR_ARG(line));
	}
	assert_int_equal(outcome, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_migrations_apply_and_keep_what_records_are_found_by),
		cmocka_unit_test(every_statement_has_the_types_it_declares),
	};
	return cmocka_run_group_tests(tests, world_open, world_close);
}
