/* SPDX-License-Identifier: MIT */
/* Folding and terms: which spellings meet, and what a record is found by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "codec/fold.h"

static struct arena *arena;

static int open_arena(void **state)
{
	(void)state;
	arena = arena_new(4 << 20);
	return arena ? 0 : -1;
}

static int close_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void assert_folds(const char *text, const char *expected)
{
	struct str folded = fold_key(arena, str_of(text));

	if (!str_equal(folded, str_of(expected)))
		fail_msg("'%s' became '%.*s', not '%s'", text, STR_ARG(folded), expected);
}

/* The words of a query with blanks between. */
static void assert_words(const char *text, const char *expected)
{
	struct fold_query query;
	struct str words = STR("");

	assert_true(fold_query(arena, str_of(text), &query));
	for (size_t i = 0; i < query.words.n; i++)
		words = arena_printf(arena, "%.*s%s%.*s", STR_ARG(words), i ? " " : "", STR_ARG(query.words.items[i]));
	if (!str_equal(words, str_of(expected)))
		fail_msg("'%s' asks for '%.*s', not '%s'", text, STR_ARG(words), expected);
}

static size_t n_terms(const struct fold_index *index)
{
	size_t n = 0;

	for (struct str terms = index->terms; terms.len; n++)
		str_cut(terms, '\n', &terms);
	return n;
}

/* The weight of a record's term, or -1; *fields gets its bits. */
static int weight_of(const struct fold_index *index, const char *term, unsigned *fields)
{
	for (struct str terms = index->terms; terms.len;) {
		int64_t bits, weight;
		struct str packed = str_cut(terms, '\n', &terms);
		assert_true(packed.len > 6);
		if (!str_equal(str_skip(packed, 6), str_of(term)))
			continue;
		assert_true(str_to_int(str_first(packed, 3), 1, 255, &bits));
		assert_true(str_to_int(str_first(str_skip(packed, 3), 3), 0, 999, &weight));
		if (fields)
			*fields = (unsigned)bits;
		return (int)weight;
	}
	return -1;
}

static struct fold_index index_of(struct fold_record record)
{
	struct fold_index index;

	assert_true(fold_record(arena, &record, &index));
	return index;
}

static void accents_do_not_hide_a_record(void **state)
{
	(void)state;
	assert_folds("Björk", "bjork");
	assert_folds("Bjo\xcc\x88rk", "bjork");
	assert_folds("MOTÖRHEAD", "motorhead");
	assert_folds("Sigur Rós", "sigur ros");
	assert_folds("Mø Łódź Đorđe", "mo lodz dorde");
	assert_folds("Straße", "strasse");
	assert_folds("Æon Œuvre Þór Ðúr", "aeon oeuvre thor dur");
	assert_folds("İstanbul ılık", "istanbul ilik");
	assert_folds("Ｆｕｌｌ ﬁne №1", "full fine no1");
}

static void other_scripts_fold_too(void **state)
{
	(void)state;
	assert_folds("Кино́ Ёлка", "кино елка");
	assert_folds("ΧΆΡΗΣ Αλεξίου", "χαρησ αλεξιου");
	assert_folds("Μίκης", "μικησ");
	assert_folds("東京事変", "東京事変");
	assert_folds("ｶﾞﾗｽ ガラス", "ガラス ガラス");
	assert_folds("방탄소년단", "방탄소년단");
	assert_folds("שָׁלוֹם", "שלום");
	assert_folds("فَيْرُوز", "فيروز");
	assert_folds("ไทย", "ไทย");
}

static void blanks_and_the_invisible_do_not_matter(void **state)
{
	(void)state;
	assert_folds("  Kind \t of\n\n Blue ", "kind of blue");
	assert_folds("Kind\xc2\xa0of\xe2\x80\x83"
		     "Blue",
		     "kind of blue");
	assert_folds("\xe2\x80\x8bKind\xe2\x80\x8d of\xef\xbb\xbf Bl\xc2\xadue", "kind of blue");
	assert_folds("Don\xe2\x80\x99t \xe2\x80\x9cStop\xe2\x80\x9d \xe2\x80\x93 Live", "don't \"stop\" - live");
	assert_folds("\xcc\x81\xcc\x88", "");
	assert_folds("", "");
	assert_folds("\xff\xfe broken", "");
	assert_true(str_present(fold_key(arena, STR_ABSENT)));
}

static void queries_come_apart_into_words(void **state)
{
	(void)state;
	assert_words("Kind of  Blue, kind", "kind of blue");
	assert_words("AC/DC", "ac dc");
	assert_words("R.E.M.", "rem");
	assert_words("W.A.S.P. live", "wasp live");
	assert_words("e.mail", "e mail");
	assert_words("Don't Stop 'til", "dont stop til");
	assert_words("SHVL 804", "shvl 804");
	assert_words("東京事変", "東京 京事 事変");
	assert_words("東", "東");
	assert_words("椎名林檎 live", "椎名 名林 林檎 live");
	assert_words("방탄소년단", "방탄소년단");
	assert_words("a b c d e f g h i j", "a b c d e f g h");
	assert_words("!!! ÷", "");
}

static void long_words_are_cut_between_characters(void **state)
{
	char text[301];
	struct fold_query query;

	(void)state;
	for (int i = 0; i < 300; i += 2)
		memcpy(text + i, "\xd0\xba", 2);
	text[300] = 0;
	assert_true(fold_query(arena, str_of(text), &query));
	assert_int_equal(query.words.n, 1);
	assert_int_equal(query.words.items[0].len, FOLD_MAX_WORD);
}

static void a_name_of_one_word_is_a_phrase(void **state)
{
	struct fold_query query;

	(void)state;
	static const char *const alike[] = { "The Beatles", "beatles", "BEATLES, the", "Beatles Beatles" };
	for (size_t i = 0; i < countof(alike); i++) {
		assert_true(fold_query(arena, str_of(alike[i]), &query));
		assert_true(str_equal(query.phrase, STR("=beatles")));
	}
	assert_true(fold_query(arena, STR("The The"), &query));
	assert_true(str_equal(query.phrase, STR("=the")));
	assert_true(fold_query(arena, STR("Kind of Blue"), &query));
	assert_false(str_present(query.phrase));
	assert_true(str_equal(query.beginning, STR("^kind of blue")));
	assert_true(fold_query(arena, STR(""), &query));
	assert_false(str_present(query.phrase));
}

static void a_record_is_found_by_its_parts(void **state)
{
	unsigned fields;
	struct fold_index index = index_of((struct fold_record){ .artist = STR("AC/DC"),
								 .name = STR("Don't You R.E.M."),
								 .format = STR("LP"),
								 .catalog_number = STR("SHVL 804"),
								 .label = STR("Harvest"),
								 .notes = STR("scratched"),
								 .year = STR("1973") });
	static const char *const terms[] = { "ac",   "dc",	"acdc",	   "dont",	"you", "rem",
					     "1973", "shvl804", "harvest", "scratched", "804" };

	(void)state;
	for (size_t i = 0; i < countof(terms); i++)
		if (weight_of(&index, terms[i], NULL) < 0)
			fail_msg("is not found by '%s'", terms[i]);
	assert_true(weight_of(&index, "harvest", &fields) > 0);
	assert_int_equal(fields, FOLD_LABEL | FOLD_CORRECTABLE);
	assert_true(weight_of(&index, "shvl804", &fields) > weight_of(&index, "804", NULL));
	assert_int_equal(fields, FOLD_CATALOG | FOLD_VERBATIM);
	assert_true(str_equal(index.search_text, STR("ac/dc\ndon't you r.e.m.\nshvl 804\nharvest")));
}

static void catalogue_numbers_are_found_however_they_are_spelt(void **state)
{
	static const char *const alike[] = { "BLP 4003", "BLP4003", "blp-4003", "B.L.P. 4003" };

	(void)state;
	for (size_t i = 0; i < countof(alike); i++) {
		struct fold_index index = index_of((struct fold_record){ .catalog_number = str_of(alike[i]) });
		assert_true(weight_of(&index, "blp4003", NULL) > 0);
		assert_true(weight_of(&index, "4003", NULL) > 0);
		assert_int_equal(n_terms(&index), 2);
	}
	struct fold_index digits = index_of((struct fold_record){ .catalog_number = STR("77777") });
	assert_int_equal(n_terms(&digits), 1);
}

static void the_self_titled_record_outranks_the_others(void **state)
{
	struct fold_index titled =
		index_of((struct fold_record){ .artist = STR("Metallica"), .name = STR("Metallica") });
	struct fold_index other = index_of((struct fold_record){ .artist = STR("Metallica"), .name = STR("Load") });
	struct fold_index noted = index_of((struct fold_record){ .artist = STR("X"), .notes = STR("like Metallica") });
	struct fold_index part = index_of((struct fold_record){ .artist = STR("X"), .name = STR("Not Metallica") });

	(void)state;
	assert_true(weight_of(&titled, "metallica", NULL) > weight_of(&other, "metallica", NULL));
	assert_true(weight_of(&other, "metallica", NULL) > weight_of(&part, "metallica", NULL));
	assert_true(weight_of(&part, "metallica", NULL) > weight_of(&noted, "metallica", NULL));
}

static void discogs_numbers_of_artists_do_not_matter(void **state)
{
	struct fold_index index = index_of((struct fold_record){ .artist = STR("Nirvana (2)"), .name = STR("Bleach") });

	(void)state;
	assert_true(weight_of(&index, "=nirvana", NULL) > 0);
	assert_int_equal(weight_of(&index, "2", NULL), -1);
	index = index_of((struct fold_record){ .artist = STR("(5)"), .name = STR("a (b) (3)") });
	assert_true(weight_of(&index, "5", NULL) > 0);
	assert_true(weight_of(&index, "3", NULL) > 0);
}

static void likely_duplicates_share_a_key(void **state)
{
	struct fold_record a = {
		.artist = STR("Björk"), .name = STR("Post"), .format = STR("LP"), .catalog_number = STR("TPLP 51")
	};
	struct fold_record b = {
		.artist = STR("BJORK (2)"), .name = STR(" post "), .format = STR("lp"), .catalog_number = STR("tplp-51")
	};
	struct fold_record c = {
		.artist = STR("Björk"), .name = STR("Post"), .format = STR("CD"), .catalog_number = STR("TPLP 51")
	};

	(void)state;
	assert_true(str_equal(index_of(a).dup_key, index_of(b).dup_key));
	assert_false(str_equal(index_of(a).dup_key, index_of(c).dup_key));
}

static void correction_is_for_words_of_letters(void **state)
{
	unsigned fields;
	struct fold_index index =
		index_of((struct fold_record){ .artist = STR("Abba"), .name = STR("Мелодия u235 東京 out") });

	(void)state;
	assert_true(weight_of(&index, "abba", &fields) > 0 && (fields & FOLD_CORRECTABLE));
	assert_true(weight_of(&index, "мелодия", &fields) > 0 && (fields & FOLD_CORRECTABLE));
	assert_true(weight_of(&index, "u235", &fields) > 0 && !(fields & FOLD_CORRECTABLE));
	assert_true(weight_of(&index, "東京", &fields) > 0 && !(fields & FOLD_CORRECTABLE));
	assert_true(weight_of(&index, "out", &fields) > 0 && !(fields & FOLD_CORRECTABLE));
}

static void aliases_are_terms(void **state)
{
	struct str folded, terms;

	(void)state;
	assert_true(fold_alias(arena, STR("Slowhand"), &folded, &terms));
	assert_true(str_equal(folded, STR("slowhand")));
	assert_true(str_equal(terms, STR("160110slowhand\n096150=slowhand\n096150^slowhand")));
}

static void what_has_no_words_has_no_terms(void **state)
{
	struct fold_index index = index_of((struct fold_record){ .artist = STR("÷"), .name = STR("!!!") });

	(void)state;
	assert_true(str_present(index.terms));
	assert_true(str_blank(index.terms));
}

static void without_memory_folding_says_so(void **state)
{
	owned(arena_drop) struct arena *tiny = arena_new(64);
	struct fold_record record = { .artist = STR("somebody with a rather long name"), .name = STR("x") };
	struct fold_index index;
	struct fold_query query;

	(void)state;
	assert_false(fold_record(tiny, &record, &index));
	assert_false(fold_query(tiny, record.artist, &query));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accents_do_not_hide_a_record),
		cmocka_unit_test(other_scripts_fold_too),
		cmocka_unit_test(blanks_and_the_invisible_do_not_matter),
		cmocka_unit_test(queries_come_apart_into_words),
		cmocka_unit_test(long_words_are_cut_between_characters),
		cmocka_unit_test(a_name_of_one_word_is_a_phrase),
		cmocka_unit_test(a_record_is_found_by_its_parts),
		cmocka_unit_test(catalogue_numbers_are_found_however_they_are_spelt),
		cmocka_unit_test(the_self_titled_record_outranks_the_others),
		cmocka_unit_test(discogs_numbers_of_artists_do_not_matter),
		cmocka_unit_test(likely_duplicates_share_a_key),
		cmocka_unit_test(correction_is_for_words_of_letters),
		cmocka_unit_test(aliases_are_terms),
		cmocka_unit_test(what_has_no_words_has_no_terms),
		cmocka_unit_test(without_memory_folding_says_so),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
