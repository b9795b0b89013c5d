/* SPDX-License-Identifier: MIT */
/* What a record is found by, and what a query asks for. */
#include <string.h>

#include "base/buf.h"
#include "codec/barcode.h"
#include "codec/fold.h"
#include "codec/fold_words.h"
#include "codec/utf8.h"

enum { PACKED_DIGITS = 6, MAX_TERMS = 512, MAX_WEIGHT = 999, MAX_CORRECTABLE = 24, MAX_NOTES = 4000, BEGINNING = '^', BEGINNING_WEIGHT = 150 };

/*
 * How much a term in a field says: `word` for being there, plus its share of `whole` by how much of the field it is,
 * so that a field of which all words were asked for outranks one that only contains them; `phrase` for the field
 * being the one word asked for.
 */
struct field {
	enum fold_field bit;
	int word, whole, phrase;
	size_t max_words;
};

static const struct field artist_field = { FOLD_ARTIST, 60, 100, 200, FOLD_MAX_FIELD_WORDS };
static const struct field name_field = { FOLD_NAME, 60, 100, 200, FOLD_MAX_FIELD_WORDS };
static const struct field catalog_field = { FOLD_CATALOG, 40, 140, 0, FOLD_MAX_FIELD_WORDS };
static const struct field label_field = { FOLD_LABEL, 15, 20, 0, FOLD_MAX_FIELD_WORDS };
static const struct field alias_field = { FOLD_ALIAS, 50, 60, 150, FOLD_MAX_FIELD_WORDS };
static const struct field other_field = { FOLD_OTHER, 8, 0, 0, FOLD_MAX_FIELD_WORDS };
static const struct field notes_field = { FOLD_OTHER, 4, 0, 0, FOLD_MAX_NOTE_WORDS };

struct term {
	struct str text;
	unsigned fields;
	unsigned last_field; /* where `word` was counted last: once a field */
	int weight;
};

/* The terms of one record; a field's terms meet those of other fields here. Over MAX_TERMS the last ones are left out. */
struct terms {
	struct arena *arena;
	size_t n;
	struct term items[MAX_TERMS];
};

static struct term *find_term(struct terms *terms, struct str text)
{
	for (size_t i = 0; i < terms->n; i++)
		if (str_equal(terms->items[i].text, text))
			return &terms->items[i];
	if (terms->n == MAX_TERMS)
		return NULL;
	terms->items[terms->n] = (struct term){ .text = text };
	return &terms->items[terms->n++];
}

static bool has_digit(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (char_is_digit(text.at[i]))
			return true;
	return false;
}

static void add_term(struct terms *terms, struct str text, unsigned fields, int word, int share)
{
	struct term *term = str_blank(text) ? NULL : find_term(terms, text);

	if (!term)
		return;
	if (has_digit(text))
		fields |= FOLD_VERBATIM;
	if (term->last_field != (fields & FOLD_IN_FIELDS))
		term->weight += word;
	term->weight += share;
	term->last_field = fields & FOLD_IN_FIELDS;
	term->fields |= fields;
	if (term->weight > MAX_WEIGHT)
		term->weight = MAX_WEIGHT;
}

static unsigned correctable(const struct fold_word *word)
{
	bool is = word->letters && !word->dense && word->n_points >= 4 && word->n_points <= MAX_CORRECTABLE;
	return is ? FOLD_CORRECTABLE : 0;
}

/* The same of words joined: a term can be corrected or cannot, whichever way a record came by it. */
static unsigned joined_correctable(struct str joined)
{
	size_t n_points = utf8_count(joined);
	bool is = n_points >= 4 && n_points <= MAX_CORRECTABLE && fold_only_letters(joined);
	return is ? FOLD_CORRECTABLE : 0;
}

/* Each character of a word without blanks, and each pair of neighbours. */
static void add_dense(struct terms *terms, const struct field *field, const struct fold_word *word, int share)
{
	struct str rest = word->text, before = { rest.at, 0 };
	uint32_t c;

	for (struct str here = rest; utf8_next(&rest, &c); here = rest) {
		struct str one = { here.at, here.len - rest.len };
		add_term(terms, one, field->bit, field->word / 2, share / (int)(2 * word->n_points));
		if (before.len)
			add_term(terms, str_span(before.at, rest.at), field->bit, field->word,
				 share / (int)word->n_points);
		before = one;
	}
}

/*
 * A catalogue number is found as one word, and by the digits in it: "SHVL 804" by "shvl804" and by "804". A query that
 * spells it apart meets it too, because neighbouring words of a query are also tried together.
 */
static void add_catalog(struct terms *terms, const struct fold_words *words)
{
	struct str whole = fold_joined(terms->arena, words, 0, words->n);
	size_t begin = 0;

	add_term(terms, whole, FOLD_CATALOG | joined_correctable(whole), catalog_field.word, catalog_field.whole);
	for (size_t i = 0; i <= whole.len; i++) {
		if (i < whole.len && char_is_digit(whole.at[i]))
			continue;
		if (i - begin > 1 && i - begin < whole.len)
			add_term(terms, (struct str){ whole.at + begin, i - begin }, FOLD_CATALOG, catalog_field.word,
				 0);
		begin = i + 1;
	}
}

/* How many words from `first` on are glued together, as in AC/DC. */
static size_t n_glued(const struct fold_words *words, size_t first)
{
	size_t n = 1;

	while (first + n < words->n && words->items[first + n].glued && !words->items[first + n].dense &&
	       !words->items[first].dense)
		n++;
	return n;
}

static void add_words(struct terms *terms, const struct field *field, const struct fold_words *words)
{
	int share = words->n ? field->whole / (int)words->n : 0;

	for (size_t i = 0, glued_until = 0; i < words->n; i++) {
		const struct fold_word *word = &words->items[i];
		size_t n = i >= glued_until ? n_glued(words, i) : 1;
		if (word->dense)
			add_dense(terms, field, word, share);
		else
			add_term(terms, word->text, field->bit | correctable(word), field->word, share);
		if (n > 1 && (field->bit & (FOLD_ARTIST | FOLD_NAME | FOLD_ALIAS))) {
			struct str joined = fold_joined(terms->arena, words, i, n);
			add_term(terms, joined, field->bit | joined_correctable(joined), field->word, share * (int)n);
			glued_until = i + n;
		}
	}
}

/*
 * "=metallica": the field is this one word, articles and repetition aside, so that a name of a common word stands out
 * (Love, The Band, The The). Absent for fields of more words: those are told by having all of them.
 */
static struct str phrase_of(struct arena *arena, const struct fold_words *words)
{
	struct str only = STR_ABSENT;

	for (size_t i = 0; i < words->n; i++) {
		struct str text = words->items[i].text;
		if (str_equal(text, STR("the")) || str_equal(text, only))
			continue;
		if (str_present(only))
			return STR_ABSENT;
		only = text;
	}
	if (!words->n)
		return STR_ABSENT;
	return arena_printf(arena, "=%.*s", STR_ARG(str_present(only) ? only : STR("the")));
}

/* "^kind of blue": how a field begins, for what is typed from its start on. Absent over budget. */
static struct str beginning_of(struct arena *arena, const struct fold_words *words)
{
	owned(buf_free) struct buf text = buf_of(1 + FOLD_MAX_WORD + FOLD_MAX_WORD + 1);

	buf_add_char(&text, BEGINNING);
	for (size_t i = 0; i < words->n && text.len <= FOLD_MAX_WORD; i++) {
		if (i)
			buf_add_char(&text, ' ');
		buf_add(&text, words->items[i].text);
	}
	struct str all = buf_str(&text), cut = str_first(all, 1 + FOLD_MAX_WORD);
	while (cut.len < all.len && ((unsigned char)all.at[cut.len] & 0xc0) == 0x80)
		cut.len--;
	return buf_failed(&text) ? STR_ABSENT : arena_copy(arena, cut);
}

/* "Nirvana (2)" is how Discogs tells artists of one name apart: nobody asks for the number. */
static struct str without_number(struct str folded)
{
	size_t at = folded.len;

	if (!str_ends(folded, STR(")")))
		return folded;
	for (at--; at && char_is_digit(folded.at[at - 1]);)
		at--;
	if (at < 2 || at == folded.len - 1 || folded.at[at - 1] != '(' || folded.at[at - 2] != ' ')
		return folded;
	return str_first(folded, at - 2);
}

/* A UPC is found as the EAN that it is part of, and the other way round. */
static void add_barcode(struct terms *terms, struct str digits)
{
	enum { UPC = 12 };

	add_term(terms, digits, FOLD_OTHER, catalog_field.word, catalog_field.whole);
	if (digits.len == UPC)
		add_term(terms, arena_printf(terms->arena, "0%.*s", STR_ARG(digits)), FOLD_OTHER, catalog_field.word, catalog_field.whole);
	else if (digits.len == UPC + 1 && *digits.at == '0')
		add_term(terms, str_skip(digits, 1), FOLD_OTHER, catalog_field.word, catalog_field.whole);
}

static bool add_field(struct terms *terms, const struct field *field, struct str folded)
{
	struct fold_words words;

	if (field->bit == FOLD_ARTIST)
		folded = without_number(folded);
	if (!fold_words_of(terms->arena, folded, field->max_words, &words))
		return false;
	if (field->bit == FOLD_CATALOG)
		add_catalog(terms, &words);
	else
		add_words(terms, field, &words);
	if (field->phrase && words.n) {
		add_term(terms, phrase_of(terms->arena, &words), field->bit | FOLD_VERBATIM, field->phrase, 0);
		add_term(terms, beginning_of(terms->arena, &words), field->bit | FOLD_VERBATIM, BEGINNING_WEIGHT, 0);
	}
	return true;
}

/* Three digits. */
static char *pack_number(char *to, unsigned number)
{
	*to++ = (char)('0' + number / 100 % 10);
	*to++ = (char)('0' + number / 10 % 10);
	*to++ = (char)('0' + number % 10);
	return to;
}

static char *pack_term(char *to, const struct term *term)
{
	to = pack_number(to, term->fields);
	to = pack_number(to, (unsigned)term->weight);
	return __builtin_mempcpy(to, term->text.at, term->text.len);
}

static bool pack_terms(const struct terms *terms, struct str *out)
{
	size_t room = 1;

	for (size_t i = 0; i < terms->n; i++)
		room += PACKED_DIGITS + terms->items[i].text.len + 1;
	char *packed = arena_alloc(terms->arena, room), *to = packed;
	if (!packed)
		return false;
	for (size_t i = 0; i < terms->n; i++) {
		if (i)
			*to++ = '\n';
		to = pack_term(to, &terms->items[i]);
	}
	*out = str_span(packed, to);
	return !arena_exhausted(terms->arena);
}

static void terms_init(struct terms *terms, struct arena *arena)
{
	terms->arena = arena;
	terms->n = 0;
}

/* At most n bytes, cut between characters. */
static struct str cut_text(struct str text, size_t n)
{
	if (text.len <= n)
		return text;
	while (n && ((unsigned char)text.at[n] & 0xc0) == 0x80)
		n--;
	return str_first(text, n);
}

static struct str duplicate_key(struct arena *arena, const struct fold_record *record, struct str artist,
				struct str name, struct str catalog)
{
	struct fold_words words;
	struct str format = fold_key(arena, record->format);

	if (!fold_words_of(arena, catalog, FOLD_MAX_FIELD_WORDS, &words))
		return STR_ABSENT;
	struct str joined = fold_joined(arena, &words, 0, words.n);
	return arena_printf(arena, "%.*s|%.*s|%.*s|%.*s", STR_ARG(without_number(artist)), STR_ARG(name),
			    STR_ARG(joined), STR_ARG(format));
}

bool fold_record(struct arena *arena, const struct fold_record *record, struct fold_index *out)
{
	struct terms terms;
	struct str artist = fold_key(arena, record->artist), name = fold_key(arena, record->name);
	struct str catalog = fold_key(arena, record->catalog_number), label = fold_key(arena, record->label);
	const struct {
		const struct field *field;
		struct str folded;
	} parts[] = {
		{ &artist_field, artist },
		{ &name_field, name },
		{ &catalog_field, catalog },
		{ &label_field, label },
		{ &other_field, fold_key(arena, record->label_code) },
		{ &other_field, record->year },
		{ &notes_field, fold_key(arena, cut_text(record->notes, MAX_NOTES)) },
	};

	terms_init(&terms, arena);
	for (size_t i = 0; i < countof(parts); i++)
		if (!add_field(&terms, parts[i].field, parts[i].folded))
			return false;
	add_barcode(&terms, record->barcode);
	out->search_text = arena_printf(arena, "%.*s\n%.*s\n%.*s\n%.*s", STR_ARG(artist), STR_ARG(name),
					STR_ARG(catalog), STR_ARG(label));
	out->dup_key = duplicate_key(arena, record, artist, name, catalog);
	return pack_terms(&terms, &out->terms);
}

bool fold_alias(struct arena *arena, struct str alias, struct str *folded, struct str *out)
{
	struct terms terms;

	terms_init(&terms, arena);
	*folded = fold_key(arena, alias);
	return add_field(&terms, &alias_field, *folded) && pack_terms(&terms, out);
}

/* Adds a query's word unless it has it, or has enough. */
static void add_query_word(struct str_list *words, struct str text)
{
	for (size_t i = 0; i < words->n; i++)
		if (str_equal(words->items[i], text))
			return;
	if (words->n < FOLD_MAX_QUERY_WORDS)
		words->items[words->n++] = text;
}

/* A single character asks for itself, more of them for their pairs. */
static void add_dense_query(struct str_list *words, const struct fold_word *word)
{
	struct str rest = word->text, before = { rest.at, 0 };
	uint32_t c;

	if (word->n_points == 1)
		add_query_word(words, word->text);
	for (struct str here = rest; utf8_next(&rest, &c); here = rest) {
		if (before.len)
			add_query_word(words, str_span(before.at, rest.at));
		before = (struct str){ here.at, here.len - rest.len };
	}
}

/* "5 012394 144777" is one word, as printed under its bars. Where the check digit is wrong they are several numbers. */
static struct str spaced_barcode(struct arena *arena, struct str key)
{
	enum { SHORTEST = 12, LONGEST = 14 };
	struct str digits = barcode_digits(arena, key);

	return digits.len >= SHORTEST && digits.len <= LONGEST && barcode_is_right(digits) ? digits : STR_ABSENT;
}

bool fold_query(struct arena *arena, struct str text, struct fold_query *out)
{
	struct fold_words words;
	size_t step;

	*out = (struct fold_query){ .key = fold_key(arena, text) };
	out->words.items = arena_array(arena, FOLD_MAX_QUERY_WORDS, sizeof(*out->words.items));
	struct str barcode = spaced_barcode(arena, out->key);
	if (!out->words.items ||
	    !fold_words_of(arena, str_present(barcode) ? barcode : out->key, FOLD_MAX_FIELD_WORDS, &words))
		return false;
	for (size_t i = 0; i < words.n; i += step) {
		step = fold_initials(&words, i);
		if (words.items[i].dense)
			add_dense_query(&out->words, &words.items[i]);
		else
			add_query_word(&out->words, step ? fold_joined(arena, &words, i, step) : words.items[i].text);
		step = step ? step : 1;
	}
	out->phrase = phrase_of(arena, &words);
	if (words.n)
		out->beginning = beginning_of(arena, &words);
	return !arena_exhausted(arena);
}
