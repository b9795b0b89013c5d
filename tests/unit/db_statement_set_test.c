/* SPDX-License-Identifier: MIT */
/* What a connection believes to be prepared: wrong, it would make queries fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db/db.h"
#include "db/statement_set.h"

enum { N = 1000 };
static struct db_statement statements[N];

static void nothing_is_forgotten_or_imagined(void **state)
{
	struct db_statement_set set = { 0 };

	(void)state;
	for (int i = 0; i < N; i++) {
		assert_false(db_statement_set_has(&set, &statements[i]));
		assert_true(db_statement_set_add(&set, &statements[i]));
		assert_true(db_statement_set_add(&set, &statements[i]));
	}
	assert_int_equal(set.n, N);
	for (int i = 0; i < N; i += 3) {
		db_statement_set_remove(&set, &statements[i]);
		db_statement_set_remove(&set, &statements[i]);
	}
	for (int i = 0; i < N; i++)
		assert_int_equal(db_statement_set_has(&set, &statements[i]), i % 3 != 0);
	db_statement_set_clear(&set);
	assert_false(db_statement_set_has(&set, &statements[1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_forgotten_or_imagined) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
