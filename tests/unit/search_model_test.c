/* SPDX-License-Identifier: MIT */
/*
 * The search index against a model that is slow and plain: whatever is added, changed, dropped and merged, in whatever
 * order, the same records are found in the same order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "codec/utf8.h"
#include "search/index.h"

enum {
	N_RIDS = 120,
	MAX_TERMS = 12,
	MAX_VOCABULARY = N_RIDS * MAX_TERMS,
	TERM_BYTES = 24,
	N_ROUNDS = 120,
	ROOM = 2048
};

/* ── Chance ── */

static uint64_t chance_state;

static unsigned chance(unsigned n)
{
	chance_state = chance_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((chance_state >> 33) % n);
}

/* Words of few letters, so that they meet, begin alike and differ by one; some with a digit. Fewer than TERM_BYTES - 1 bytes. */
static struct str random_word(char *room)
{
	static const char *const letters[] = { "a", "a", "b", "c", "é", "ж" };
	size_t n = 1 + chance(7), len = 0;

	for (size_t i = 0; i < n; i++) {
		const char *letter = chance(15) ? letters[chance(countof(letters))] : "7";
		memcpy(room + len, letter, strlen(letter));
		len += strlen(letter);
	}
	return (struct str){ room, len };
}

/* ── The model ── */

struct model_term {
	char room[TERM_BYTES];
	size_t len;
	unsigned fields, weight;
};

static struct model_record {
	bool is_there;
	size_t n;
	struct model_term terms[MAX_TERMS];
} records[N_RIDS];

static struct str text_of(const struct model_term *term)
{
	return (struct str){ term->room, term->len };
}

static bool digits_in(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (char_is_digit(text.at[i]))
			return true;
	return false;
}

static bool correctable(struct str text)
{
	return text.at[0] != '=' && !digits_in(text) && utf8_count(text) >= 4;
}

/* What a word stands for: the vocabulary's terms, each with the percentage that counts. */
struct model_meaning {
	struct str term;
	unsigned percent;
};

struct model_word {
	size_t n;
	struct model_meaning items[8 * MAX_VOCABULARY]; /* a term may be meant in several ways */
	struct str corrected;
};

static struct str vocabulary[MAX_VOCABULARY];
static unsigned dfs[MAX_VOCABULARY];
static size_t n_vocabulary;

static void make_vocabulary(void)
{
	n_vocabulary = 0;
	for (size_t rid = 0; rid < N_RIDS; rid++) {
		for (size_t i = 0; records[rid].is_there && i < records[rid].n; i++) {
			size_t at = 0;
			while (at < n_vocabulary && !str_equal(vocabulary[at], text_of(&records[rid].terms[i])))
				at++;
			if (at == n_vocabulary) {
				vocabulary[n_vocabulary] = text_of(&records[rid].terms[i]);
				dfs[n_vocabulary++] = 0;
			}
			dfs[at]++;
		}
	}
}

static void stand_for(struct model_word *word, struct str term, unsigned percent)
{
	word->items[word->n++] = (struct model_meaning){ term, percent };
}

static size_t letters_of(struct str text, uint32_t *letters)
{
	size_t n = 0;

	while (text.len && utf8_next(&text, &letters[n]))
		n++;
	return n;
}

/* Damerau's distance, neighbours swapped counting one, between a and the first n letters of b, by the book's table. */
static unsigned distance(struct str a, struct str b, size_t n)
{
	uint32_t left[TERM_BYTES], right[TERM_BYTES];
	unsigned d[TERM_BYTES + 1][TERM_BYTES + 1];
	size_t n_left = letters_of(a, left), n_right = letters_of(b, right);

	n_right = n < n_right ? n : n_right;
	for (size_t i = 0; i <= n_left; i++) {
		for (size_t j = 0; j <= n_right; j++) {
			unsigned best = i && j ? d[i - 1][j - 1] + (left[i - 1] != right[j - 1]) : (unsigned)(i + j);
			if (i && d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (j && d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] &&
			    d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[n_left][n_right];
}

static bool is_slip_of(struct str word, struct str term)
{
	return distance(word, term, SIZE_MAX) == 1;
}

/* The first half is right, and the term begins like the word but for one slip. */
static bool begins_like_slip(struct str word, struct str term)
{
	uint32_t left[TERM_BYTES], right[TERM_BYTES];
	size_t half = letters_of(word, left) / 2, n = letters_of(term, right);

	if (n < half || memcmp(left, right, half * sizeof(*left)) != 0)
		return false;
	for (size_t i = 0; i <= n; i++)
		if (distance(word, term, i) <= 1)
			return true;
	return false;
}

static void add_corrections(struct model_word *word, struct str typed, bool (*is_like)(struct str, struct str),
			    unsigned percent)
{
	bool known = word->n > 0, used[MAX_VOCABULARY] = { false };

	for (size_t k = 0; k < 4; k++) {
		size_t best = n_vocabulary;
		for (size_t i = 0; i < n_vocabulary; i++) {
			if (used[i] || !correctable(vocabulary[i]) || !is_like(typed, vocabulary[i]))
				continue;
			if (best == n_vocabulary || dfs[i] > dfs[best] ||
			    (dfs[i] == dfs[best] && str_compare(vocabulary[i], vocabulary[best]) < 0))
				best = i;
		}
		if (best == n_vocabulary)
			return;
		used[best] = true;
		if (!known && !k)
			word->corrected = vocabulary[best];
		stand_for(word, vocabulary[best], percent);
	}
}

/* The words from `from` to `end` as one; more than two only where there are digits. */
static void seek_joined(struct str_list words, size_t from, size_t end, struct arena *arena, struct model_word *word)
{
	struct str joined = STR("");

	for (size_t i = from; i <= end; i++)
		joined = arena_printf(arena, "%.*s%.*s", STR_ARG(joined), STR_ARG(words.items[i]));
	if (end - from > 1 && !digits_in(joined))
		return;
	for (size_t i = 0; i < n_vocabulary; i++) {
		struct str term = vocabulary[i];
		if (str_equal(term, joined))
			stand_for(word, term, 100);
		if (end + 1 == words.n && digits_in(joined) && str_starts(term, joined) && term.len > joined.len)
			stand_for(word, term, 80);
	}
}

static void seek(struct str_list words, size_t at, bool widen, struct arena *arena, struct model_word *word)
{
	struct str typed = words.items[at];
	bool last = at + 1 == words.n;

	word->n = 0;
	word->corrected = STR_ABSENT;
	for (size_t i = 0; i < n_vocabulary; i++) {
		struct str term = vocabulary[i];
		if (str_equal(term, typed))
			stand_for(word, term, 100);
		if (last && str_starts(term, typed) && term.len > typed.len)
			stand_for(word, term, digits_in(typed) ? 80 : 50 + (unsigned)(40 * typed.len / term.len));
	}
	for (size_t from = 0; from <= at; from++)
		for (size_t end = from + 1; end < words.n; end++)
			if (at <= end && end - from < 5)
				seek_joined(words, from, end, arena, word);
	if ((word->n && !widen) || digits_in(typed) || utf8_count(typed) < 4)
		return;
	size_t was = word->n;
	add_corrections(word, typed, is_slip_of, 80);
	if (last && !was && !word->n)
		add_corrections(word, typed, begins_like_slip, 60);
}

static unsigned gain(const struct model_word *word, const struct model_record *record)
{
	unsigned best = 0;

	for (size_t i = 0; i < record->n; i++) {
		for (size_t m = 0; m < word->n; m++) {
			unsigned g = record->terms[i].weight * word->items[m].percent / 100;
			if (str_equal(word->items[m].term, text_of(&record->terms[i])) && best < (g ? g : 1))
				best = g ? g : 1;
		}
	}
	return best;
}

struct model_found {
	size_t n;
	int32_t rids[N_RIDS];
	unsigned scores[N_RIDS];
	struct str corrected;
};

static bool comes_before(const struct model_found *found, size_t at, int32_t rid, unsigned score)
{
	return score != found->scores[at] ? score > found->scores[at] : rid > found->rids[at];
}

static void insert(struct model_found *found, int32_t rid, unsigned score)
{
	size_t at = found->n++;

	for (; at > 0 && comes_before(found, at - 1, rid, score); at--) {
		found->rids[at] = found->rids[at - 1];
		found->scores[at] = found->scores[at - 1];
	}
	found->rids[at] = rid;
	found->scores[at] = score;
}

static struct model_word model_words[FOLD_MAX_QUERY_WORDS];

static void collect(size_t n_words, bool all, struct str phrase, struct model_found *found)
{
	for (size_t rid = 0; rid < N_RIDS; rid++) {
		unsigned score = 0;
		bool has_all = true;
		if (!records[rid].is_there)
			continue;
		for (size_t i = 0; i < n_words; i++) {
			unsigned g = gain(&model_words[i], &records[rid]);
			has_all &= g || !model_words[i].n;
			score += g;
		}
		if (!score || (all && !has_all))
			continue;
		for (size_t i = 0; i < records[rid].n; i++)
			if (str_equal(text_of(&records[rid].terms[i]), phrase))
				score += records[rid].terms[i].weight;
		insert(found, (int32_t)rid, score);
	}
}

static bool seek_words(struct str_list words, bool widen, struct arena *arena)
{
	bool any = false;

	for (size_t i = 0; i < words.n; i++) {
		seek(words, i, widen, arena, &model_words[i]);
		any |= model_words[i].n > 0;
	}
	return any;
}

static void model_find(const struct fold_query *query, struct arena *arena, struct model_found *found)
{
	struct str phrase = query->phrase, text = STR("");
	bool corrected = false, any = seek_words(query->words, false, arena);

	found->n = 0;
	for (size_t i = 0; i < query->words.n; i++) {
		struct str meant = model_words[i].corrected, word = query->words.items[i];
		corrected |= str_present(meant);
		text = arena_printf(arena, "%.*s%s%.*s", STR_ARG(text), i ? " " : "",
				    STR_ARG(str_present(meant) ? meant : word));
		if (str_present(meant) && str_present(phrase) && str_equal(str_skip(phrase, 1), word))
			phrase = arena_printf(arena, "=%.*s", STR_ARG(meant));
	}
	found->corrected = corrected ? text : STR_ABSENT;
	collect(query->words.n, true, phrase, found);
	if (found->n || query->words.n < 2 || !any)
		return;
	seek_words(query->words, true, arena);
	collect(query->words.n, true, phrase, found);
	if (found->n)
		return;
	seek_words(query->words, false, arena);
	collect(query->words.n, false, phrase, found);
}

/* ── Both at once ── */

static void add_random_term(struct model_record *record)
{
	struct model_term *term = &record->terms[record->n];

	if (chance(8)) {
		term->len = random_word(term->room).len;
	} else {
		term->room[0] = '=';
		term->len = 1 + random_word(term->room + 1).len;
	}
	term->weight = chance(20) ? 1 + chance(999) : 0;
	term->fields = (chance(3) ? FOLD_NAME : FOLD_CATALOG) | (correctable(text_of(term)) ? FOLD_CORRECTABLE : 0);
	if (term->room[0] == '=' || digits_in(text_of(term)))
		term->fields |= FOLD_VERBATIM;
	for (size_t i = 0; i < record->n; i++)
		if (str_equal(text_of(&record->terms[i]), text_of(term)))
			return;
	record->n++;
}

static struct str pack(const struct model_record *record, size_t from, size_t to, char room[ROOM])
{
	size_t len = 0;

	for (size_t i = from; i < to; i++)
		len += (size_t)snprintf(room + len, ROOM - len, "%s%03u%03u%.*s", i > from ? "\n" : "",
					record->terms[i].fields, record->terms[i].weight,
					STR_ARG(text_of(&record->terms[i])));
	return (struct str){ room, len };
}

/* The later terms come as those of aliases, with one that the record has itself and that must not count again. */
static void put(struct search_changes *changes, size_t rid)
{
	struct model_record *record = &records[rid];
	char own[ROOM], further[ROOM];
	size_t n = chance(MAX_TERMS), own_n;

	record->is_there = true;
	record->n = 0;
	while (n--)
		add_random_term(record);
	own_n = record->n ? 1 + chance((unsigned)record->n) : 0;
	struct str terms = pack(record, 0, own_n, own), aliases = pack(record, own_n, record->n, further);
	if (own_n)
		aliases.len += (size_t)snprintf(further + aliases.len, ROOM - aliases.len, "\n032999%.*s",
						STR_ARG(text_of(&record->terms[0])));
	assert_true(search_changes_put(changes, (int32_t)rid, terms, own_n < record->n ? aliases : STR_ABSENT));
}

static void change_some(struct search_index *index)
{
	struct search_changes *changes = search_changes_new();
	size_t n = 1 + chance(chance(4) ? 4 : 40);

	assert_non_null(changes);
	while (n--) {
		size_t rid = chance(N_RIDS);
		if (chance(3)) {
			put(changes, rid);
		} else {
			records[rid].is_there = false;
			assert_true(search_changes_drop(changes, (int32_t)rid));
		}
	}
	struct search_segment *segment = search_segment_build(changes);
	assert_non_null(segment);
	search_changes_free(changes);
	assert_true(search_index_add(index, segment));
}

/* Some merges are in place at once, some only after more changes. */
static void merge_some(struct search_index *index)
{
	struct search_merge *merge = chance(3) ? search_index_merge_due(index) : NULL;

	if (!merge)
		return;
	search_merge_run(merge);
	for (size_t n = chance(3); n > 0; n--)
		change_some(index);
	search_index_merged(index, merge);
	search_merge_free(merge);
}

static void compare(const struct model_found *model, const struct search_found *found, struct str asked, size_t skip)
{
	bool same = found->total == model->n && found->n == (model->n - skip < 10 ? model->n - skip : 10) &&
		    str_equal(found->corrected, model->corrected);

	for (size_t i = 0; same && i < found->n; i++)
		same = found->rids[i] == model->rids[skip + i];
	if (!same)
		fail_msg("'%.*s' from %zu on: %zu of %zu, and not of %zu; '%.*s', not '%.*s'", STR_ARG(asked), skip,
			 found->n, found->total, model->n, STR_ARG(found->corrected), STR_ARG(model->corrected));
}

/* A word that is in the collection or nearly so, or any. */
static struct str word_to_ask(struct arena *arena)
{
	char room[TERM_BYTES];
	struct str word = n_vocabulary && chance(5) ? vocabulary[chance((unsigned)n_vocabulary)] : random_word(room);

	if (word.at[0] == '=')
		word = str_skip(word, 1);
	word = arena_copy(arena, word);
	for (size_t at = chance(12); at < word.len; at = word.len)
		if ((word.at[at] & 0x80) == 0 && !char_is_digit(word.at[at]))
			((char *)(uintptr_t)word.at)[at] = "abcd"[chance(4)];
	return word;
}

static void ask(const struct search_index *index, struct arena *arena)
{
	static struct model_found model;
	struct search_found found;
	struct str words[4];
	struct fold_query query = { .words = { words, 1 + chance(4) } };
	struct str asked = STR("");

	for (size_t i = 0; i < query.words.n; i++) {
		words[i] = word_to_ask(arena);
		asked = arena_printf(arena, "%.*s %.*s", STR_ARG(asked), STR_ARG(words[i]));
	}
	if (query.words.n == 1)
		query.phrase = arena_printf(arena, "=%.*s", STR_ARG(words[0]));
	model_find(&query, arena, &model);
	for (size_t skip = 0; skip <= model.n; skip += 1 + chance(20)) {
		assert_true(search_index_find(index, &query, skip, 10, arena, &found));
		compare(&model, &found, asked, skip);
	}
	assert_true(search_index_all(index, query.words, arena, &found));
	assert_int_equal(found.n, model.n);
	for (size_t i = 0; i < found.n; i++) {
		size_t at = 0;
		while (at < model.n && model.rids[at] != found.rids[i])
			at++;
		assert_true(at < model.n);
		model.rids[at] = -1;
	}
}

static void ask_for_catalog(const struct search_index *index, struct arena *arena)
{
	struct str prefix = word_to_ask(arena);
	struct search_found found;
	size_t n = 0;

	assert_true(search_index_catalog(index, prefix, 5, arena, &found));
	for (int32_t rid = N_RIDS - 1; rid >= 0; rid--) {
		bool has = false;
		for (size_t i = 0; records[rid].is_there && i < records[rid].n; i++)
			has |= (records[rid].terms[i].fields & FOLD_CATALOG) &&
			       str_starts(text_of(&records[rid].terms[i]), prefix);
		if (has && n < 5)
			assert_int_equal(found.rids[n], rid);
		n += has;
	}
	assert_int_equal(found.total, n);
	assert_int_equal(found.n, n < 5 ? n : 5);
}

static void check_counts(const struct search_index *index)
{
	size_t n = 0;

	for (size_t rid = 0; rid < N_RIDS; rid++)
		n += records[rid].is_there;
	assert_int_equal(search_index_n_records(index), n);
}

static void run(uint64_t seed, struct arena *arena)
{
	struct search_index *index = search_index_new();

	assert_non_null(index);
	chance_state = seed;
	memset(records, 0, sizeof(records));
	for (int round = 0; round < N_ROUNDS; round++) {
		change_some(index);
		merge_some(index);
		make_vocabulary();
		check_counts(index);
		for (int i = 0; i < 4; i++) {
			ask(index, arena);
			ask_for_catalog(index, arena);
			arena_reset(arena);
		}
	}
	search_index_free(index);
}

static void test_the_right_records_are_found_whatever_was_written_before(void **state)
{
	struct arena *arena = arena_new(16 << 20);

	(void)state;
	assert_non_null(arena);
	for (uint64_t seed = 1; seed <= 6; seed++)
		run(seed, arena);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_right_records_are_found_whatever_was_written_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
