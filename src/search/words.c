/* SPDX-License-Identifier: MIT */
/* From words to terms. */
#include "search/words.h"

#include "codec/utf8.h"
#include "search/correct.h"

enum { EXACT = 100, GOES_ON = 80, CORRECTED = 80, CORRECTED_BEGINNING = 60, CORRECT_FROM_LETTERS = 4 };

size_t sought_postings(const struct sought *sought, const struct search_index *index, size_t slot)
{
	const struct search_segment *segment = index->slots[slot].segment;
	const struct meanings *meanings = &sought->slots[slot];
	size_t n = 0;

	for (size_t i = 0; i < meanings->n; i++)
		n += segment->posting_at[meanings->items[i].end] - segment->posting_at[meanings->items[i].first];
	return n;
}

size_t sought_terms(const struct sought *sought, size_t slot)
{
	size_t n = 0;

	for (size_t i = 0; i < sought->slots[slot].n; i++)
		n += sought->slots[slot].items[i].end - sought->slots[slot].items[i].first;
	return n;
}

static bool has_digit(struct str word)
{
	for (size_t i = 0; i < word.len; i++)
		if (char_is_digit(word.at[i]))
			return true;
	return false;
}

/* Whether a doc that is not dead has one of the terms. */
static bool any_live(const struct slot *slot, term_id first, term_id end)
{
	const struct search_segment *segment = slot->segment;

	for (uint32_t at = segment->posting_at[first]; at < segment->posting_at[end]; at++)
		if (!slot_is_dead(slot, posting_doc(segment->postings[at])))
			return true;
	return false;
}

static void add(struct sought *sought, const struct search_index *index, size_t slot, struct meaning meaning)
{
	struct meanings *meanings = &sought->slots[slot];

	if (meaning.first >= meaning.end || meanings->n == MAX_MEANINGS ||
	    !any_live(&index->slots[slot], meaning.first, meaning.end))
		return;
	meanings->items[meanings->n++] = meaning;
	sought->known = true;
}

static void add_term(struct sought *sought, const struct search_index *index, struct str term, unsigned percent)
{
	for (size_t i = 0; i < index->n; i++) {
		term_id found = segment_find(index->slots[i].segment, term);
		if (found != NO_TERM)
			add(sought, index, i, (struct meaning){ found, found + 1, percent, 0 });
	}
}

/* What goes on behind the text. `percent` 0: by how much of it the text is. */
static void add_longer(struct sought *sought, const struct search_index *index, struct str text, unsigned percent)
{
	for (size_t i = 0; i < index->n; i++) {
		const struct search_segment *segment = index->slots[i].segment;
		term_id first, end;
		segment_prefixed(segment, text, &first, &end);
		if (first < end && segment_term(segment, first).len == text.len)
			first++;
		add(sought, index, i, (struct meaning){ first, end, percent, text.len });
	}
}

static bool add_corrected(struct sought *sought, const struct search_index *index, bool last, struct arena *arena)
{
	struct str terms[MAX_CORRECTIONS];
	unsigned percent = CORRECTED;
	size_t n;

	if (!correct_word(index, sought->word, arena, terms, MAX_CORRECTIONS, &n))
		return false;
	if (last && !n && !sought->known) {
		percent = CORRECTED_BEGINNING;
		if (!correct_beginning(index, sought->word, arena, terms, MAX_CORRECTIONS, &n))
			return false;
	}
	if (n && !sought->known)
		sought->corrected = terms[0];
	for (size_t i = 0; i < n; i++)
		add_term(sought, index, terms[i], percent);
	return true;
}

static struct str join(struct arena *arena, struct str first, struct str second)
{
	const struct str parts[] = { first, second };
	return arena_concat(arena, parts, countof(parts));
}

/*
 * As one with its neighbours: two words always, more of them where there are digits, as in a catalogue number (1 13 840 =
 * 113840). What ends with the query may go on. False without memory.
 */
static bool add_joined(struct sought *sought, const struct search_index *index, struct str_list words, size_t i,
		       struct arena *arena)
{
	for (size_t from = i < MAX_JOINED ? 0 : i + 1 - MAX_JOINED; from <= i; from++) {
		struct str joined = words.items[from];
		for (size_t end = from + 1; end < words.n && end < from + MAX_JOINED; end++) {
			joined = join(arena, joined, words.items[end]);
			if (!str_present(joined))
				return false;
			if (end < i || (end > from + 1 && !has_digit(joined)))
				continue;
			add_term(sought, index, joined, EXACT);
			if (end + 1 == words.n && has_digit(joined))
				add_longer(sought, index, joined, GOES_ON);
		}
	}
	return true;
}

bool words_seek(const struct search_index *index, struct str_list words, size_t i, bool widen, struct arena *arena,
		struct sought *sought)
{
	struct str word = words.items[i];
	bool last = i + 1 == words.n, digits = has_digit(word);

	*sought = (struct sought){ .word = word, .slots = arena_array(arena, index->n, sizeof(*sought->slots)) };
	if (!sought->slots)
		return false;
	for (size_t slot = 0; slot < index->n; slot++)
		sought->slots[slot].n = 0;
	add_term(sought, index, word, EXACT);
	if (!add_joined(sought, index, words, i, arena))
		return false;
	if (last)
		add_longer(sought, index, word, digits ? GOES_ON : 0);
	if ((!sought->known || widen) && !digits && utf8_count(word) >= CORRECT_FROM_LETTERS)
		return add_corrected(sought, index, last, arena);
	return true;
}

bool words_beginning(const struct search_index *index, struct str text, struct arena *arena, struct sought *sought)
{
	*sought = (struct sought){ .word = text, .slots = arena_array(arena, index->n, sizeof(*sought->slots)) };
	if (!sought->slots)
		return false;
	for (size_t slot = 0; slot < index->n; slot++)
		sought->slots[slot].n = 0;
	if (!str_present(text))
		return true;
	add_term(sought, index, text, EXACT);
	add_longer(sought, index, text, EXACT);
	return true;
}
