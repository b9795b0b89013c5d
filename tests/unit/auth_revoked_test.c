/* SPDX-License-Identifier: MIT */
/* The set of revoked tokens and families: it forgets only what has expired. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/revoked.h"

enum { NOW = 1700000000 };

static struct identity token_of(int64_t issued_s)
{
	return (struct identity){ .jti = uuid_new(), .family = uuid_new(), .issued_s = issued_s };
}

static void a_revoked_token_is_refused_and_no_other(void **state)
{
	struct auth_revoked *revoked = auth_revoked_new(100);
	struct identity one = token_of(NOW), two = token_of(NOW);
	(void)state;
	assert_false(auth_revoked_covers(revoked, &one, NOW));
	auth_revoked_add(revoked, &one.jti, NOW + 10, NOW);
	assert_true(auth_revoked_covers(revoked, &one, NOW));
	assert_true(auth_revoked_covers(revoked, &one, NOW + 9));
	assert_false(auth_revoked_covers(revoked, &two, NOW));
	auth_revoked_free(revoked);
}

static void a_revoked_family_takes_all_its_tokens_along(void **state)
{
	struct auth_revoked *revoked = auth_revoked_new(100);
	struct identity one = token_of(NOW), two = token_of(NOW);
	(void)state;
	two.family = one.family;
	auth_revoked_add(revoked, &one.family, NOW + 10, NOW);
	assert_true(auth_revoked_covers(revoked, &one, NOW));
	assert_true(auth_revoked_covers(revoked, &two, NOW));
	auth_revoked_free(revoked);
}

static void the_later_end_counts(void **state)
{
	struct auth_revoked *revoked = auth_revoked_new(100);
	struct identity one = token_of(NOW);
	(void)state;
	auth_revoked_add(revoked, &one.jti, NOW + 20, NOW);
	auth_revoked_add(revoked, &one.jti, NOW + 10, NOW);
	assert_true(auth_revoked_covers(revoked, &one, NOW + 15));
	auth_revoked_add(revoked, &one.jti, NOW + 30, NOW);
	assert_true(auth_revoked_covers(revoked, &one, NOW + 25));
	assert_int_equal(auth_revoked_count(revoked), 1);
	auth_revoked_free(revoked);
}

static void thousands_are_remembered(void **state)
{
	enum { N = 5000 };
	static struct identity tokens[N];
	struct auth_revoked *revoked = auth_revoked_new(N);
	(void)state;
	for (size_t i = 0; i < N; i++) {
		tokens[i] = token_of(NOW);
		auth_revoked_add(revoked, &tokens[i].jti, NOW + 900, NOW);
	}
	for (size_t i = 0; i < N; i++)
		assert_true(auth_revoked_covers(revoked, &tokens[i], NOW));
	assert_int_equal(auth_revoked_count(revoked), N);
	struct identity stranger = token_of(NOW);
	assert_false(auth_revoked_covers(revoked, &stranger, NOW));
	auth_revoked_free(revoked);
}

static void what_has_expired_makes_room(void **state)
{
	struct auth_revoked *revoked = auth_revoked_new(64);
	(void)state;
	for (int64_t second = 0; second < 10000; second++) {
		struct identity token = token_of(NOW + second);
		auth_revoked_add(revoked, &token.jti, NOW + second + 10, NOW + second);
		assert_true(auth_revoked_covers(revoked, &token, NOW + second));
		assert_true(auth_revoked_count(revoked) <= 64);
	}
	struct identity old = token_of(NOW);
	assert_false(auth_revoked_covers(revoked, &old, NOW + 10000));
	auth_revoked_free(revoked);
}

static void a_full_set_refuses_the_old_rather_than_forget(void **state)
{
	struct auth_revoked *revoked = auth_revoked_new(8);
	struct identity first = token_of(NOW), innocent = token_of(NOW), later = token_of(NOW + 1);
	(void)state;
	auth_revoked_add(revoked, &first.jti, NOW + 900, NOW);
	for (int i = 0; i < 7; i++) {
		struct identity token = token_of(NOW);
		auth_revoked_add(revoked, &token.jti, NOW + 900, NOW);
	}
	assert_false(auth_revoked_covers(revoked, &innocent, NOW));
	struct identity one_too_many = token_of(NOW);
	auth_revoked_add(revoked, &one_too_many.jti, NOW + 900, NOW);
	assert_true(auth_revoked_covers(revoked, &first, NOW));
	assert_true(auth_revoked_covers(revoked, &one_too_many, NOW));
	assert_true(auth_revoked_covers(revoked, &innocent, NOW));
	assert_false(auth_revoked_covers(revoked, &later, NOW + 1));
	auth_revoked_free(revoked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_revoked_token_is_refused_and_no_other),
		cmocka_unit_test(a_revoked_family_takes_all_its_tokens_along),
		cmocka_unit_test(the_later_end_counts),
		cmocka_unit_test(thousands_are_remembered),
		cmocka_unit_test(what_has_expired_makes_room),
		cmocka_unit_test(a_full_set_refuses_the_old_rather_than_forget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
