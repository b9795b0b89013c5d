/* SPDX-License-Identifier: MIT */
/* Scopes and their words: what is written is read again, and nothing else is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/scope.h"

static void each_set_is_read_as_it_was_written(void **state)
{
	owned(arena_drop) struct arena *arena = arena_new(1 << 16);
	(void)state;
	for (unsigned set = 0; set < AUTH_ACCOUNT; set++)
		assert_int_equal(auth_scopes_of_text(auth_scopes_text(set, arena)), set);
	assert_true(str_equal(auth_scopes_text(AUTH_RECORDS_READ | AUTH_RECORDS_WRITE, arena),
			      STR("records:read records:write")));
}

static void no_word_stands_for_the_account(void **state)
{
	(void)state;
	assert_false(str_present(auth_scope_word(AUTH_ACCOUNT)));
	assert_false(str_present(auth_scope_word(0)));
	assert_int_equal(auth_scopes_of_text(STR("account records:all Records:Read records:rea  records:readx")), 0);
	assert_int_equal(auth_scopes_of_text(STR_ABSENT), 0);
	assert_int_equal(auth_scope_of_word(STR("")), 0);
	assert_int_equal(auth_scopes_of_text(STR("nothing records:write")), AUTH_RECORDS_WRITE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_set_is_read_as_it_was_written),
		cmocka_unit_test(no_word_stands_for_the_account),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
