/* SPDX-License-Identifier: MIT */
/* Passwords and addresses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "auth/email.h"
#include "auth/password.h"

/* Small, so that the tests are quick under the sanitizers. */
static const struct auth_password_settings cheap = { .memory_kib = 256, .passes = 1, .lanes = 1 };

static void only_the_right_password_opens(void **state)
{
	char hash[AUTH_PASSWORD_HASH];
	(void)state;
	assert_int_equal(auth_password_hash(&cheap, STR("correct horse"), hash), 0);
	assert_int_equal(auth_password_verify(hash, STR("correct horse")), AUTH_PASSWORD_RIGHT);
	assert_int_equal(auth_password_verify(hash, STR("correct horse ")), AUTH_PASSWORD_WRONG);
	assert_int_equal(auth_password_verify(hash, STR("Correct horse")), AUTH_PASSWORD_WRONG);
	assert_int_equal(auth_password_verify(hash, STR("")), AUTH_PASSWORD_WRONG);
}

static void a_nul_does_not_shorten_a_password(void **state)
{
	char hash[AUTH_PASSWORD_HASH];
	(void)state;
	assert_int_equal(auth_password_hash(&cheap, STR("correct\0horse"), hash), 0);
	assert_int_equal(auth_password_verify(hash, STR("correct\0zebra")), AUTH_PASSWORD_WRONG);
	assert_int_equal(auth_password_verify(hash, STR("correct")), AUTH_PASSWORD_WRONG);
}

static void the_same_password_never_has_the_same_hash(void **state)
{
	char one[AUTH_PASSWORD_HASH], two[AUTH_PASSWORD_HASH];
	(void)state;
	assert_int_equal(auth_password_hash(&cheap, STR("correct horse"), one), 0);
	assert_int_equal(auth_password_hash(&cheap, STR("correct horse"), two), 0);
	assert_string_not_equal(one, two);
	assert_true(str_starts(str_of(one), STR("$argon2id$v=19$m=256,t=1,p=1$")));
}

static void the_dummy_is_a_hash_that_nothing_opens(void **state)
{
	char dummy[AUTH_PASSWORD_HASH], real[AUTH_PASSWORD_HASH];
	(void)state;
	auth_password_dummy(&cheap, dummy);
	assert_int_equal(auth_password_verify(dummy, STR("correct horse")), AUTH_PASSWORD_WRONG);
	assert_int_equal(auth_password_hash(&cheap, STR("correct horse"), real), 0);
	assert_int_equal(str_of(dummy).len, str_of(real).len);
}

static void a_broken_hash_is_a_fault_not_a_match(void **state)
{
	(void)state;
	assert_int_equal(auth_password_verify("", STR("")), AUTH_PASSWORD_FAULT);
	assert_int_equal(auth_password_verify("$argon2id$v=19$m=256", STR("x")), AUTH_PASSWORD_FAULT);
	assert_int_equal(auth_password_verify("$2y$10$abcdefghijklmnopqrstuv", STR("x")), AUTH_PASSWORD_FAULT);
}

static void a_password_has_bounds(void **state)
{
	static char text[AUTH_PASSWORD_MAX + 1];
	(void)state;
	assert_true(str_present(auth_password_fault((struct str){ text, 7 })));
	assert_false(str_present(auth_password_fault((struct str){ text, 8 })));
	assert_false(str_present(auth_password_fault((struct str){ text, 1024 })));
	assert_true(str_present(auth_password_fault((struct str){ text, 1025 })));
}

static void addresses_are_told_from_what_is_none(void **state)
{
	static const char *const good[] = { "a@b", "ann.lee+vinyl@example.org", "o'neil@xn--bcher-kva.example",
					    "zoë@bücher.example" };
	static const char *const bad[] = { "",		 "a",	  "@",	   "a@",      "@b",	"a@b@c",
					   "a b@c",	 "a@b c", "a@-b",  "a@b-",    "a@b..c", "a@.b",
					   "a@b.",	 "a@b_c", "a\n@b", "a\x7f@b", "\xff@b", "a\xe2\x80\xae@b",
					   "a\xc2\xa0@b" };
	char long_local[80];
	(void)state;
	for (size_t i = 0; i < countof(good); i++)
		assert_true(auth_email_valid(str_of(good[i])));
	for (size_t i = 0; i < countof(bad); i++)
		assert_false(auth_email_valid(str_of(bad[i])));
	memset(long_local, 'a', 65);
	memcpy(long_local + 64, "@b", 2);
	assert_true(auth_email_valid((struct str){ long_local, 66 }));
	assert_false(auth_email_valid(STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b")));
	assert_false(auth_email_valid(STR_ABSENT));
}

static void one_person_has_one_address_however_it_is_typed(void **state)
{
	struct arena *arena = arena_new(1 << 16);
	(void)state;
	assert_true(str_equal(auth_email_fold(STR("Ann.Lee@Example.ORG"), arena), STR("ann.lee@example.org")));
	assert_true(str_equal(auth_email_fold(STR("ZOË@x"), arena), auth_email_fold(STR("zoe\xcc\x88@x"), arena)));
	assert_false(str_present(auth_email_fold(STR("\xff@x"), arena)));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_right_password_opens),
		cmocka_unit_test(a_nul_does_not_shorten_a_password),
		cmocka_unit_test(the_same_password_never_has_the_same_hash),
		cmocka_unit_test(the_dummy_is_a_hash_that_nothing_opens),
		cmocka_unit_test(a_broken_hash_is_a_fault_not_a_match),
		cmocka_unit_test(a_password_has_bounds),
		cmocka_unit_test(addresses_are_told_from_what_is_none),
		cmocka_unit_test(one_person_has_one_address_however_it_is_typed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
