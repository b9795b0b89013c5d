/* SPDX-License-Identifier: MIT */
/* Every compiled-in statement against the migrated database: declared types are what PostgreSQL finds. */
#include "db/check_statements.h"
#include "db/migrate.h"
#include "db_harness.h"
#include "store_migrations.h"
#include "store_statements.h"

static void the_migrations_apply_to_an_empty_database(void **state)
{
	struct world *world = *state;
	struct str owner = db_cluster_conninfo(world->dir, "recordd_owner", world->arena);
	int n_applied;

	int outcome =
		db_migrate(owner, store_migrations, store_migrations_count, world->arena, &world->said, &n_applied);
	if (outcome)
		fail_msg("%.*s", STR_ARG(world->said));
	assert_int_equal(n_applied, store_migrations_count);
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
		cmocka_unit_test(the_migrations_apply_to_an_empty_database),
		cmocka_unit_test(every_statement_has_the_types_it_declares),
	};
	return cmocka_run_group_tests(tests, world_open, world_close);
}
