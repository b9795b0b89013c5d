/* SPDX-License-Identifier: MIT */
/* Signing keys: they survive a restart, stay private, and a damaged file is told, not overwritten. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/keys.h"
#include "auth/secret.h"

enum { NOW = 1700000000 };

struct fixture {
	struct arena *arena;
	char directory[32];
	const char *keys_directory, *path;
	struct str said;
};

static int setup(void **state)
{
	static struct fixture f;
	f = (struct fixture){ .arena = arena_new(1 << 16), .directory = "/tmp/recordd-keys-XXXXXX" };
	if (!mkdtemp(f.directory))
		return -1;
	f.keys_directory = arena_printf(f.arena, "%s/keys", f.directory).at;
	f.path = arena_printf(f.arena, "%s/signing.keys", f.keys_directory).at;
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	unlink(f->path);
	rmdir(f->keys_directory);
	int left = rmdir(f->directory); /* fails when a temporary file was left behind */
	arena_free(f->arena);
	return left;
}

static int open_keys(struct fixture *f, struct auth_keys *keys)
{
	return auth_keys_open(f->path, NOW, keys, f->arena, &f->said);
}

static void keys_survive_a_restart_and_are_private(void **state)
{
	struct fixture *f = *state;
	struct auth_keys first = { 0 }, second = { 0 };
	struct stat status;

	assert_int_equal(open_keys(f, &first), AUTH_KEYS_CREATED);
	assert_int_equal(first.n, 1);
	assert_int_equal(stat(f->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(stat(f->keys_directory, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	assert_int_equal(open_keys(f, &second), AUTH_KEYS_LOADED);
	assert_memory_equal(&first, &second, sizeof(first));
}

static void a_rotation_is_kept_with_the_key_before_it(void **state)
{
	struct fixture *f = *state;
	struct auth_keys keys = { 0 }, again = { 0 };

	assert_int_equal(open_keys(f, &keys), AUTH_KEYS_CREATED);
	struct auth_key old = keys.items[0];
	auth_keys_rotate(&keys, NOW + 1);
	assert_int_equal(auth_keys_save(f->path, &keys, f->arena, &f->said), 0);
	assert_int_equal(open_keys(f, &again), AUTH_KEYS_LOADED);
	assert_int_equal(again.n, 2);
	assert_memory_equal(&again.items[1], &old, sizeof(old));
	assert_int_equal(again.items[0].created_s, NOW + 1);
	assert_null(auth_keys_find(&again, STR("0000000000000000")));
	assert_ptr_equal(auth_keys_find(&again, (struct str){ old.kid, AUTH_KID_TEXT }), &again.items[1]);
}

static void keys_that_others_may_read_are_refused(void **state)
{
	struct fixture *f = *state;
	struct auth_keys keys = { 0 };

	assert_int_equal(open_keys(f, &keys), AUTH_KEYS_CREATED);
	assert_int_equal(chmod(f->path, 0640), 0);
	assert_int_equal(open_keys(f, &keys), AUTH_KEYS_FAILED);
	assert_true(str_find(f->said, STR("chmod 600")) != SIZE_MAX);
}

static void write_file(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
}

static void a_damaged_file_is_told_and_left_alone(void **state)
{
	static const char *const damaged[] = { "", "# only a comment\n", "not a key\n",
					       "0123456789abcdef 1700000000 00ff\n" };
	struct fixture *f = *state;
	struct auth_keys keys = { 0 };
	struct stat status;

	assert_int_equal(open_keys(f, &keys), AUTH_KEYS_CREATED);
	for (size_t i = 0; i < countof(damaged); i++) {
		struct str text = str_of(damaged[i]);
		write_file(f->path, text.at, text.len);
		assert_int_equal(open_keys(f, &keys), AUTH_KEYS_FAILED);
		assert_true(str_find(f->said, str_of(f->path)) != SIZE_MAX);
		assert_int_equal(stat(f->path, &status), 0);
		assert_int_equal(status.st_size, text.len);
	}
}

static void a_key_has_one_text(void **state)
{
	struct auth_key key, read;
	char text[AUTH_KEY_TEXT + 1], again[AUTH_KEY_TEXT + 1];

	(void)state;
	auth_key_new(&key, NOW);
	struct str all = auth_key_format(&key, text);
	assert_true(auth_key_parse(all, &read));
	assert_memory_equal(&key, &read, sizeof(key));
	assert_true(str_equal(auth_key_format(&read, again), all));
	for (size_t len = 0; len < all.len; len++)
		assert_false(auth_key_parse(str_first(all, len), &read));
	text[all.len] = ' ';
	assert_false(auth_key_parse((struct str){ text, all.len + 1 }, &read));
}

static void a_third_key_and_a_double_are_refused(void **state)
{
	struct auth_keys keys = { 0 };
	struct auth_key key;

	(void)state;
	auth_key_new(&key, NOW);
	assert_true(auth_keys_add(&keys, &key));
	assert_false(auth_keys_add(&keys, &key));
	auth_key_new(&key, NOW);
	assert_true(auth_keys_add(&keys, &key));
	auth_key_new(&key, NOW);
	assert_false(auth_keys_add(&keys, &key));
}

static void secrets_differ_and_only_their_digest_can_be_stored(void **state)
{
	struct auth_secret one, two;
	char digest[AUTH_DIGEST_TEXT];

	(void)state;
	auth_secret_new(&one);
	auth_secret_new(&two);
	assert_memory_not_equal(one.text, two.text, sizeof(one.text));
	assert_true(auth_secret_digest((struct str){ one.text, sizeof(one.text) }, digest));
	assert_memory_equal(digest, one.digest, sizeof(digest));
	assert_false(auth_secret_digest((struct str){ one.text, sizeof(one.text) - 1 }, digest));
	assert_false(auth_secret_digest(STR(""), digest));
	assert_false(auth_secret_digest(STR_ABSENT, digest));
	assert_false(auth_secret_digest(STR("not a token"), digest));
}

static void digests_keep_their_parts_apart(void **state)
{
	char one[AUTH_DIGEST_TEXT], two[AUTH_DIGEST_TEXT];
	(void)state;
	auth_digest((struct str[]){ STR("ab"), STR("c") }, 2, one);
	auth_digest((struct str[]){ STR("a"), STR("bc") }, 2, two);
	assert_memory_not_equal(one, two, sizeof(one));
	auth_digest((struct str[]){ STR("a"), STR("bc") }, 2, one);
	assert_memory_equal(one, two, sizeof(one));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_survive_a_restart_and_are_private),
		TEST(a_rotation_is_kept_with_the_key_before_it),
		TEST(keys_that_others_may_read_are_refused),
		TEST(a_damaged_file_is_told_and_left_alone),
		cmocka_unit_test(a_key_has_one_text),
		cmocka_unit_test(a_third_key_and_a_double_are_refused),
		cmocka_unit_test(secrets_differ_and_only_their_digest_can_be_stored),
		cmocka_unit_test(digests_keep_their_parts_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
