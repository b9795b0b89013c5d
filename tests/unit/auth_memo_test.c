/* SPDX-License-Identifier: MIT */
/* Remembered tokens: the very token or nothing, and nothing once the keys have changed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/memo.h"

static struct identity someone(struct str email)
{
	return (struct identity){ .user = uuid_new(), .email = email, .jti = uuid_new(), .expires_s = 7 };
}

static void only_the_very_token_is_known(void **state)
{
	struct auth_memo *memo = auth_memo_new(1); /* one place: every token comes to it */
	struct arena *arena = arena_new(1 << 16);
	struct identity ann = someone(STR("ann@example.org")), found;

	(void)state;
	assert_false(auth_memo_find(memo, STR("token"), arena, &found));
	auth_memo_keep(memo, STR("token"), &ann);
	assert_true(auth_memo_find(memo, STR("token"), arena, &found));
	assert_true(uuid_equal(&found.user, &ann.user) && uuid_equal(&found.jti, &ann.jti));
	assert_true(str_equal(found.email, ann.email));
	assert_int_equal(found.expires_s, 7);
	assert_false(auth_memo_find(memo, STR("tokem"), arena, &found));
	assert_false(auth_memo_find(memo, STR("toke"), arena, &found));
	assert_false(auth_memo_find(memo, STR("tokenann@example.org"), arena, &found));
	assert_false(auth_memo_find(memo, STR(""), arena, &found));
	arena_free(arena);
	auth_memo_free(memo);
}

static void a_found_identity_outlives_its_place(void **state)
{
	struct auth_memo *memo = auth_memo_new(1);
	struct arena *arena = arena_new(1 << 16);
	struct identity ann = someone(STR("ann@example.org")), bob = someone(STR("bob@example.org")), found;

	(void)state;
	auth_memo_keep(memo, STR("one"), &ann);
	assert_true(auth_memo_find(memo, STR("one"), arena, &found));
	auth_memo_keep(memo, STR("two"), &bob);
	assert_true(str_equal(found.email, STR("ann@example.org")));
	assert_false(auth_memo_find(memo, STR("one"), arena, &found));
	assert_true(auth_memo_find(memo, STR("two"), arena, &found));
	auth_memo_clear(memo);
	assert_false(auth_memo_find(memo, STR("two"), arena, &found));
	arena_free(arena);
	auth_memo_free(memo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_very_token_is_known),
		cmocka_unit_test(a_found_identity_outlives_its_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
