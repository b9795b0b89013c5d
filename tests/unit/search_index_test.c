/* SPDX-License-Identifier: MIT */
/* Searching a collection in memory: what is found, what comes first, and what stays so whatever is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "search/index_inside.h"

static struct arena *arena;
static struct search_index *index_;
static struct search_changes *changes;

static int open_index(void **state)
{
	(void)state;
	arena = arena_new(16 << 20);
	index_ = search_index_new();
	changes = search_changes_new();
	return arena && index_ && changes ? 0 : -1;
}

static int close_index(void **state)
{
	(void)state;
	search_changes_free(changes);
	search_index_free(index_);
	arena_free(arena);
	return 0;
}

/* ── Writing ── */

static struct str terms_of(struct fold_record record)
{
	struct fold_index folded;

	assert_true(fold_record(arena, &record, &folded));
	return folded.terms;
}

static void put(int32_t rid, const char *artist, const char *name, const char *catalog_number)
{
	struct fold_record record = { .artist = str_of(artist),
				      .name = str_of(name),
				      .catalog_number = str_of(catalog_number) };
	assert_true(search_changes_put(changes, rid, terms_of(record), STR_ABSENT));
}

static void commit(void)
{
	struct search_segment *segment = search_segment_build(changes);

	assert_non_null(segment);
	assert_true(search_index_add(index_, segment));
	search_changes_free(changes);
	changes = search_changes_new();
	assert_non_null(changes);
}

static void merge_all(void)
{
	for (struct search_merge *merge; (merge = search_index_merge_due(index_));) {
		size_t n = index_->n;
		search_merge_run(merge);
		search_index_merged(index_, merge);
		search_merge_free(merge);
		assert_true(index_->n < n);
	}
}

/* ── Asking ── */

static struct search_found find(const char *text, size_t skip, size_t most)
{
	struct fold_query query;
	struct search_found found;

	assert_true(fold_query(arena, str_of(text), &query));
	assert_true(search_index_find(index_, &query, skip, most, arena, &found));
	return found;
}

/* The rids found, best first, with blanks between. */
static void assert_finds(const char *text, const char *expected)
{
	struct search_found found = find(text, 0, 100);
	struct str rids = STR("");

	for (size_t i = 0; i < found.n; i++)
		rids = arena_printf(arena, "%.*s%s%d", STR_ARG(rids), i ? " " : "", found.rids[i]);
	if (!str_equal(rids, str_of(expected)) || found.total != found.n)
		fail_msg("'%s' finds '%.*s' (%zu), not '%s'", text, STR_ARG(rids), found.total, expected);
}

static void assert_corrected(const char *text, const char *expected)
{
	struct str corrected = find(text, 0, 1).corrected;

	if (!str_equal(corrected, str_of(expected)))
		fail_msg("'%s' was taken for '%.*s', not '%s'", text, STR_ARG(corrected),
			 expected ? expected : "what it is");
}

static void put_collection(void)
{
	put(1, "Miles Davis", "Kind of Blue", "CS 8163");
	put(2, "Metallica", "Load", NULL);
	put(3, "Metallica", "Metallica", NULL);
	put(4, "Apocalyptica", "Plays Metallica", NULL);
	put(5, "Björk", "Post", "TPLP51");
	put(6, "AC/DC", "Back in Black", "SD-16018");
	put(7, "Кино", "Группа крови", NULL);
	put(8, "東京事変", "教育", NULL);
	put(9, "Miles Davis", "Kind of Blue Sessions", NULL);
	commit();
}

/* ── What is found ── */

/* Typed from its start on, a name is what was meant, however short or new another one with these words is. */
static void test_what_is_typed_from_its_start_comes_first(void **state)
{
	(void)state;
	put(1, "Tom Zé", "Estudando o Samba", NULL);
	put(2, "Zoot Sims", "Tom", NULL);
	put(3, "Zola", "Tom", NULL);
	put(4, "Cat Stevens", "Wild World of Tom Zero", NULL);
	commit();
	assert_finds("tom z", "1 3 2 4");
	assert_finds("wild w", "4");
}

static void test_a_record_is_found_by_its_words_however_they_are_written(void **state)
{
	(void)state;
	put_collection();
	assert_finds("miles davis kind of blue", "1 9");
	assert_finds("blue kind", "1 9");
	assert_finds("kind of bl", "1 9");
	assert_finds("BJÖRK", "5");
	assert_finds("ac dc back", "6");
	assert_finds("группа", "7");
	assert_finds("東京", "8");
	assert_finds("xyzzy", "");
	assert_finds("", "");
}

static void test_a_catalogue_number_is_found_together_apart_and_begun(void **state)
{
	(void)state;
	put_collection();
	for (size_t i = 0; i < 5; i++)
		assert_finds((const char *const[]){ "CS 8163", "cs8163", "cs-8163", "8163", "cs 81" }[i], "1");
	assert_finds("tplp 5", "5");
	assert_finds("sd16018", "6");
}

static void test_a_catalogue_number_of_many_parts_is_found(void **state)
{
	(void)state;
	put(1, "Kate Bush", "Season", "BLP 55");
	put(2, "Neil Young", "Horses", "8 55 433");
	put(3, "Can", "Tago Mago", "UAS 29 211/12 X");
	put(4, "Kenji", "Empire, Vol. 8", NULL);
	commit();
	assert_finds("8 55 433", "2");
	assert_finds("8 55 4", "2");
	assert_finds("neil young 8 55 433", "2");
	assert_finds("UAS 29 211/12 X", "3");
	assert_finds("tago mago uas 29 211", "3");
}

static void test_the_record_that_is_called_so_comes_first(void **state)
{
	(void)state;
	put_collection();
	assert_finds("metallica", "3 2 4");
	assert_finds("metalica", "3 2 4");
}

static void test_of_equally_good_records_the_one_added_last_comes_first(void **state)
{
	(void)state;
	for (int32_t rid = 1; rid <= 6; rid++) {
		put(rid, "The Same", "Again", NULL);
		if (rid % 2)
			commit();
	}
	commit();
	assert_finds("same again", "6 5 4 3 2 1");
	merge_all();
	assert_finds("same again", "6 5 4 3 2 1");
}

static void test_a_slip_is_forgiven_and_told(void **state)
{
	static const char *const slips[] = { "metalica", "mettallica", "mitallica", "meatllica",
					     "etallica", "metallicaa", "metlalica" };

	(void)state;
	put_collection();
	for (size_t i = 0; i < countof(slips); i++) {
		assert_finds(slips[i], "3 2 4");
		assert_corrected(slips[i], "metallica");
	}
	assert_corrected("milse davis kind", "miles davis kind");
	assert_corrected("групра", "группа");
	assert_corrected("metallica", NULL);
	assert_corrected("mtlca", NULL);
}

static void test_a_slip_is_forgiven_before_the_word_is_finished(void **state)
{
	(void)state;
	put_collection();
	assert_finds("metalli", "3 2 4");
	assert_finds("metali", "3 2 4");
	assert_finds("sessinos of", "9");
	assert_finds("sessoi", "9");
	assert_corrected("sessoi", "sessions");
	assert_corrected("metali load", NULL); /* only the last word goes on */
}

static void test_one_wrong_word_does_not_hide_the_record(void **state)
{
	(void)state;
	put_collection();
	assert_finds("metallica xyzzyq load", "2");
	assert_finds("load davis", "2 9 1");
}

static void test_an_alias_adds_words_and_does_not_outweigh_the_records_own(void **state)
{
	(void)state;
	assert_true(search_changes_put(changes, 1, STR("129100blue\n001100note"), STR("032050kob\n032999blue")));
	assert_true(search_changes_put(changes, 2, STR("129101blue"), STR_ABSENT));
	commit();
	assert_finds("kob", "1");
	assert_finds("blue", "2 1");
}

static void test_terms_that_are_none_cost_only_themselves(void **state)
{
	(void)state;
	assert_true(search_changes_put(
		changes, 1, STR("129100blue\n\n12\n129100\nxyz100red\n999100green\n12910\n001-10pink\n001100note"),
		STR("\n\n0")));
	assert_true(search_changes_put(changes, 2, STR(""), STR_ABSENT));
	commit();
	assert_finds("blue note", "1");
	for (size_t i = 0; i < 3; i++)
		assert_finds((const char *const[]){ "red", "green", "pink" }[i], "");
	assert_int_equal(search_index_n_records(index_), 2);
}

static void test_words_are_completed_for_a_field(void **state)
{
	struct str words[] = { STR("milse"), STR("davsi") }, corrected;
	struct search_found found;
	size_t n;

	(void)state;
	put_collection();
	assert_true(search_index_correct(index_, (struct str_list){ words, 2 }, arena, &corrected, &n));
	assert_true(str_equal(corrected, STR("miles davis")));
	assert_int_equal(n, 2);
	assert_true(search_index_catalog(index_, STR("cs81"), 5, arena, &found));
	assert_int_equal(found.n, 1);
	assert_int_equal(found.rids[0], 1);
	assert_true(search_index_catalog(index_, STR("miles"), 5, arena, &found));
	assert_int_equal(found.total, 0);
}

/* ── Changes ── */

static void test_a_changed_record_is_found_by_what_it_says_now(void **state)
{
	(void)state;
	put_collection();
	put(5, "Björk", "Homogenic", NULL);
	assert_true(search_changes_drop(changes, 4));
	put(2, "Someone", "Else", NULL);
	put(2, "Metallica", "Reload", NULL);
	commit();
	assert_finds("post", "");
	assert_finds("homogenic", "5");
	assert_finds("bjork", "5");
	assert_finds("apocalyptica", "");
	assert_finds("else", "");
	assert_finds("metallica", "3 2");
	put(4, "Apocalyptica", "Plays Metallica", NULL);
	commit();
	assert_finds("apocalyptica", "4");
	assert_int_equal(search_index_n_records(index_), 9);
}

static void test_nothing_is_lost_or_raised_from_the_dead_while_a_merge_runs(void **state)
{
	struct search_merge *merge;

	(void)state;
	put(1, "Alpha", "One", NULL);
	commit();
	put(2, "Beta", "Two", NULL);
	commit();
	put(3, "Gamma", "Three", NULL);
	commit();
	merge = search_index_merge_due(index_);
	assert_non_null(merge);
	search_merge_run(merge);
	assert_true(search_changes_drop(changes, 1));
	put(2, "Beta", "Second", NULL);
	commit();
	search_index_merged(index_, merge);
	search_merge_free(merge);
	assert_int_equal(index_->n, 2);
	assert_finds("alpha", "");
	assert_finds("two", "");
	assert_finds("beta second", "2");
	assert_finds("gamma", "3");
}

/* Of a large collection a merge may take longer than many writes. */
static void test_a_merge_that_takes_long_keeps_no_write_out(void **state)
{
	struct search_merge *merge;

	(void)state;
	put_collection();
	put(1000, "Alpha", "One", NULL);
	commit();
	put(1001, "Beta", "Two", NULL);
	commit();
	merge = search_index_merge_due(index_);
	assert_non_null(merge);
	for (int32_t i = 0; i < 500; i++) {
		put(2000 + i % 100, "Gamma", i < 400 ? "Early" : "Late", NULL);
		commit();
		assert_int_equal(find("gamma", 0, 1).total, i < 100 ? i + 1 : 100);
		arena_reset(arena);
	}
	search_merge_run(merge);
	search_index_merged(index_, merge);
	search_merge_free(merge);
	merge_all();
	assert_true(index_->n <= 8);
	assert_int_equal(find("late", 0, 1).total, 100);
	assert_int_equal(find("early", 0, 1).total, 0);
	assert_finds("alpha", "1000");
	assert_finds("metallica", "3 2 4");
}

static void test_a_merge_that_came_to_nothing_leaves_the_index_as_it_was(void **state)
{
	struct search_index *other = search_index_new();
	struct search_merge *merge;

	(void)state;
	put_collection();
	put(10, "Alpha", "One", NULL);
	commit();
	put(11, "Beta", "Two", NULL);
	commit();
	merge = search_index_merge_due(index_);
	assert_non_null(merge);
	search_index_merged(index_, merge); /* was not run, as if there had been no memory */
	assert_int_equal(index_->n, 3);
	search_merge_run(merge);
	search_index_merged(other, merge); /* the index was made anew meanwhile */
	assert_int_equal(search_index_n_records(other), 0);
	search_index_merged(index_, merge);
	assert_int_equal(index_->n, 2);
	search_merge_free(merge);
	search_index_free(other);
	assert_finds("metallica", "3 2 4");
	assert_finds("beta", "11");
}

static void test_an_index_that_is_written_to_for_long_stays_in_few_pieces(void **state)
{
	(void)state;
	for (int32_t i = 0; i < 3000; i++) {
		put(i % 700, "Artist", "Name", NULL);
		commit();
		merge_all();
		assert_true(index_->n <= 8);
		arena_reset(arena);
	}
	assert_int_equal(search_index_n_records(index_), 700);
	assert_int_equal(find("artist", 0, 10).total, 700);
}

/* What is dead goes when segments are merged: a collection edited over and over does not grow. */
static void test_memory_is_given_back_for_what_was_changed(void **state)
{
	size_t bytes;

	(void)state;
	for (int32_t rid = 0; rid < 2000; rid++)
		put(rid, "Some Artist", "Some Name", "CAT 1");
	commit();
	bytes = search_index_bytes(index_);
	for (int round = 0; round < 5; round++) {
		for (int32_t rid = 0; rid < 2000; rid++)
			put(rid, "Some Artist", "Some Name", "CAT 1");
		commit();
		merge_all();
		arena_reset(arena);
	}
	assert_in_range(search_index_bytes(index_), 1, bytes + bytes / 10);
}

/* Though those added later are fewer, and in their right place. */
static void test_memory_is_given_back_for_what_was_deleted(void **state)
{
	size_t bytes;

	(void)state;
	for (int32_t rid = 0; rid < 2000; rid++)
		put(rid, "Some Artist", "Some Name", "CAT 1");
	commit();
	for (int32_t rid = 2000; rid < 2900; rid++)
		put(rid, "Some Artist", "Some Name", "CAT 1");
	commit();
	assert_null(search_index_merge_due(index_));
	bytes = search_index_bytes(index_);
	for (int32_t rid = 0; rid < 2000; rid++)
		assert_true(search_changes_drop(changes, rid));
	commit();
	merge_all();
	assert_in_range(search_index_bytes(index_), 1, bytes / 2);
	assert_int_equal(find("artist", 0, 1).total, 900);
}

/* ── Pages and bounds ── */

static void test_pages_follow_each_other_to_the_last_record(void **state)
{
	enum { N = 5000, PAGE = 77 };
	static bool seen[N];
	size_t n = 0;

	(void)state;
	for (int32_t rid = 0; rid < N; rid++) {
		put(rid, "Common", rid % 3 ? "Name" : "Common", NULL);
		if (rid % 900 == 0)
			commit();
	}
	commit();
	for (size_t skip = 0; skip < N + PAGE; skip += PAGE) {
		struct search_found found = find("common", skip, PAGE);
		assert_int_equal(found.total, N);
		for (size_t i = 0; i < found.n; i++, n++) {
			assert_false(seen[found.rids[i]]);
			seen[found.rids[i]] = true;
			assert_true(n >= (N + 2) / 3 || found.rids[i] % 3 == 0);
		}
	}
	assert_int_equal(n, N);
	assert_int_equal(find("common", SIZE_MAX, SIZE_MAX).n, 0);
	assert_int_equal(find("common", 0, 0).total, N);
}

/* Few postings are sorted where many would be spread over an array of all docs. */
static void test_what_few_of_many_records_begin_with_is_found_once_each(void **state)
{
	(void)state;
	for (int32_t rid = 1; rid <= 5000; rid++)
		put(rid, "Common", "Name", NULL);
	put(4000, "Rarity", "Rare Of Many Other Words", NULL);
	put(70, "Common", "Rare Rarely", NULL);
	put(900, "Common", "Rare", NULL);
	put(2500, "Common", "Rarer Rarest Rareness Rarefied", NULL);
	commit();
	put(900, "Common", "Rare Name Of Another", NULL);
	commit();
	assert_finds("rar", "4000 70 900 2500");
	assert_finds("common rar", "70 900 2500");
	assert_finds("rarest c", "2500");
	assert_finds("rare c", "70 900");
	assert_int_equal(find("name c", 0, 1).total, 5000 - 3);
}

static void test_a_search_that_may_use_no_more_memory_says_so(void **state)
{
	struct arena *small = arena_new(1024);
	struct fold_query query;
	struct search_found found;
	struct str corrected;
	size_t n;

	(void)state;
	put_collection();
	assert_non_null(small);
	assert_true(fold_query(arena, STR("miles davis kind of blue"), &query));
	assert_false(search_index_find(index_, &query, 0, 10, small, &found));
	assert_false(search_index_all(index_, query.words, small, &found));
	assert_false(search_index_correct(index_, query.words, small, &corrected, &n));
	arena_free(small);
}

static void test_an_empty_index_finds_nothing(void **state)
{
	(void)state;
	assert_finds("anything at all", "");
	commit();
	assert_true(search_changes_drop(changes, 7));
	commit();
	merge_all();
	assert_finds("anything", "");
	assert_int_equal(search_index_n_records(index_), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_index, close_index)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_record_is_found_by_its_words_however_they_are_written),
		TEST(test_a_catalogue_number_is_found_together_apart_and_begun),
		TEST(test_what_is_typed_from_its_start_comes_first),
		TEST(test_a_catalogue_number_of_many_parts_is_found),
		TEST(test_the_record_that_is_called_so_comes_first),
		TEST(test_of_equally_good_records_the_one_added_last_comes_first),
		TEST(test_a_slip_is_forgiven_and_told),
		TEST(test_a_slip_is_forgiven_before_the_word_is_finished),
		TEST(test_one_wrong_word_does_not_hide_the_record),
		TEST(test_an_alias_adds_words_and_does_not_outweigh_the_records_own),
		TEST(test_terms_that_are_none_cost_only_themselves),
		TEST(test_words_are_completed_for_a_field),
		TEST(test_a_changed_record_is_found_by_what_it_says_now),
		TEST(test_nothing_is_lost_or_raised_from_the_dead_while_a_merge_runs),
		TEST(test_a_merge_that_takes_long_keeps_no_write_out),
		TEST(test_a_merge_that_came_to_nothing_leaves_the_index_as_it_was),
		TEST(test_an_index_that_is_written_to_for_long_stays_in_few_pieces),
		TEST(test_memory_is_given_back_for_what_was_changed),
		TEST(test_memory_is_given_back_for_what_was_deleted),
		TEST(test_pages_follow_each_other_to_the_last_record),
		TEST(test_what_few_of_many_records_begin_with_is_found_once_each),
		TEST(test_a_search_that_may_use_no_more_memory_says_so),
		TEST(test_an_empty_index_finds_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
