/* SPDX-License-Identifier: MIT */
/* Watched files: every way in which a certificate is exchanged is seen within a second, and told once. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "net/file.h"
#include "net/file_watch.h"

enum { LONG_ENOUGH_MS = 900 };

struct fixture {
	char dir[64], cert[128], key[128];
	struct loop loop;
	struct file_watch watch;
	struct timer act, end;
	void (*action)(struct fixture *fixture);
	unsigned told, acted;
};

static struct fixture *the;

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void in(char *to, const char *name)
{
	snprintf(to, 128, "%s/%s", the->dir, name);
}

static int setup(void **state)
{
	the = calloc(1, sizeof(*the));
	snprintf(the->dir, sizeof(the->dir), "/tmp/net_file_watch_test.XXXXXX");
	assert_non_null(mkdtemp(the->dir));
	in(the->cert, "cert.pem");
	in(the->key, "key.pem");
	put(the->cert, "one");
	put(the->key, "one");
	*state = the;
	return loop_init(&the->loop);
}

static int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *at)
{
	(void)facts, (void)kind, (void)at;
	return remove(path);
}

static int teardown(void **state)
{
	loop_deinit(&the->loop);
	nftw(the->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(*state);
	return 0;
}

static void changed(struct file_watch *watch)
{
	container_of(watch, struct fixture, watch)->told++;
}

static void act(struct timer *timer)
{
	struct fixture *fixture = container_of(timer, struct fixture, act);
	fixture->action(fixture);
	fixture->acted++;
}

static void end(struct timer *timer)
{
	struct fixture *fixture = container_of(timer, struct fixture, end);
	timer_close(&fixture->act);
	timer_close(&fixture->end);
	file_watch_close(&fixture->watch);
	loop_stop(&fixture->loop);
}

/* Does it after 20 ms, every `every_ms` unless that is 0, and looks for LONG_ENOUGH_MS: how often a change was told. */
static unsigned told_of(void (*action)(struct fixture *fixture), uint64_t every_ms)
{
	the->action = action;
	the->watch = (struct file_watch){ .changed = changed, .paths = { the->cert, the->key }, .n_paths = 2 };
	assert_int_equal(file_watch_open(&the->watch, &the->loop), 0);
	assert_int_equal(timer_open(&the->act, &the->loop, act), 0);
	assert_int_equal(timer_open(&the->end, &the->loop, end), 0);
	timer_start(&the->act, 20, every_ms);
	timer_start(&the->end, LONG_ENOUGH_MS, 0);
	loop_run(&the->loop);
	return the->told;
}

static void nothing(struct fixture *fixture)
{
	(void)fixture;
}

static void quiet_files_would_be_loaded_again_and_again(void **state)
{
	(void)state;
	assert_int_equal(told_of(nothing, 100), 0);
	assert_true(the->acted > 1);
}

static void write_in_place(struct fixture *fixture)
{
	put(fixture->cert, "two");
	put(fixture->key, "two");
}

static void files_written_in_place_would_be_missed(void **state)
{
	(void)state;
	assert_int_equal(told_of(write_in_place, 0), 1);
}

static void rename_over(struct fixture *fixture)
{
	assert_int_equal(file_replace(fixture->key, STR("two"), 0600), 0);
	assert_int_equal(file_replace(fixture->cert, STR("two"), 0644), 0);
}

static void files_renamed_into_place_would_be_missed(void **state)
{
	(void)state;
	assert_int_equal(told_of(rename_over, 0), 1);
}

/* certbot: live/cert.pem → ../archive/cert1.pem, later → cert2.pem. */
static void lay_links(const char *n)
{
	char target[128], archive[128];
	const char *links[] = { the->cert, the->key };
	in(archive, "archive");
	mkdir(archive, 0700);
	for (size_t i = 0; i < 2; i++) {
		snprintf(target, sizeof(target), "archive/%s%s.pem", i ? "key" : "cert", n);
		in(archive, target);
		put(archive, n);
		unlink(links[i]);
		assert_int_equal(symlink(target, links[i]), 0);
	}
}

static void turn_links(struct fixture *fixture)
{
	(void)fixture;
	lay_links("2");
}

static void links_turned_elsewhere_would_be_missed(void **state)
{
	(void)state;
	lay_links("1");
	assert_int_equal(told_of(turn_links, 0), 1);
}

/* The kernel tells nothing of this to who watches the link's directory. */
static void write_behind_links(struct fixture *fixture)
{
	char archive[128];
	(void)fixture;
	in(archive, "archive/cert1.pem");
	put(archive, "three");
}

static void files_changed_behind_links_would_be_missed(void **state)
{
	(void)state;
	lay_links("1");
	assert_int_equal(told_of(write_behind_links, 0), 1);
}

static void take_away(struct fixture *fixture)
{
	unlink(fixture->cert);
}

static void file_that_vanishes_would_be_missed(void **state)
{
	(void)state;
	assert_int_equal(told_of(take_away, 0), 1);
}

static void protect(struct fixture *fixture)
{
	assert_int_equal(chmod(fixture->key, 0400), 0);
}

static void right_to_read_that_was_given_later_would_be_missed(void **state)
{
	(void)state;
	assert_int_equal(told_of(protect, 0), 1);
}

/* Writing without end must not put off the telling without end. */
static void write_more(struct fixture *fixture)
{
	char text[32];
	snprintf(text, sizeof(text), "%u", 1000 + fixture->acted);
	assert_int_equal(file_replace(fixture->cert, str_of(text), 0644), 0);
}

static void file_that_is_written_all_the_time_would_never_be_told(void **state)
{
	(void)state;
	unsigned told = told_of(write_more, 30);
	assert_true(told >= 1 && told <= 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(quiet_files_would_be_loaded_again_and_again),
		TEST(files_written_in_place_would_be_missed),
		TEST(files_renamed_into_place_would_be_missed),
		TEST(links_turned_elsewhere_would_be_missed),
		TEST(files_changed_behind_links_would_be_missed),
		TEST(file_that_vanishes_would_be_missed),
		TEST(right_to_read_that_was_given_later_would_be_missed),
		TEST(file_that_is_written_all_the_time_would_never_be_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
