/* SPDX-License-Identifier: MIT */
/* A made-up collection. */
#include "app/sample.h"

#include <math.h>

enum { N_MADE_UP_ARTISTS = 45000, LAST_NUMBER = 30000, ALBUM_EVERY = 7, OLDEST_YEAR = 1955, NEWEST_YEAR = 2024 };
#define YEARS_MS (INT64_C(12) * 365 * 86400000) /* for how long the collector has collected */

static const struct album {
	struct str artist, title, label, number;
	int64_t year;
	struct str format;
} albums[] = {
#define ALBUM(artist, title, label, number, year, format) \
	{ STR(artist), STR(title), STR(label), STR(number), year, STR(format) },
#include "app/sample.def"
};

static const struct str artists[] = {
#define ARTIST(name) STR(name),
#include "app/sample.def"
};

static const struct label {
	struct str name, prefix;
} labels[] = {
#define LABEL(name, prefix) { STR(name), STR(prefix) },
#include "app/sample.def"
};

static const struct format {
	struct str name;
	unsigned weight;
	struct str piece;
	unsigned n_pieces;
} formats[] = {
#define FORMAT(name, weight, piece, n) { STR(name), weight, STR(piece), n },
#include "app/sample.def"
};

static const struct word_pair {
	struct str first, second;
} words[] = {
#define WORD(first, second) { STR(first), STR(second) },
#include "app/sample.def"
}, people[] = {
#define PERSON(first, second) { STR(first), STR(second) },
#include "app/sample.def"
};

static const struct syllables {
	struct str begins, goes_on, ends;
} syllables[] = {
#define SYLLABLES(begins, goes_on, ends) { STR(begins), STR(goes_on), STR(ends) },
#include "app/sample.def"
};

enum { SCRIPT_NAMES = 10, SCRIPT_PERCENT = 6 };
static const struct script {
	struct str between;
	const char *first[SCRIPT_NAMES], *second[SCRIPT_NAMES], *titles[SCRIPT_NAMES];
} scripts[] = {
#define LIST(...) { __VA_ARGS__ }
#define SCRIPT(between, first, second, titles) { STR(between), first, second, titles },
#include "app/sample.def"
#undef LIST
};

/* ── Chance: splitmix64 ── */

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* In [0, n); n is small, so that the bias does not matter. */
static size_t below(uint64_t *state, size_t n)
{
	return (size_t)(next_random(state) % n);
}

static bool chance(uint64_t *state, unsigned percent)
{
	return below(state, 100) < percent;
}

static double unit(uint64_t *state)
{
	return (double)(next_random(state) >> 11) * 0x1p-53;
}

/* A rank in [0, n) whose frequency falls with its inverse (Zipf), but not so steeply among the first few. */
static size_t zipf(uint64_t *state, size_t n)
{
	const double flat = 8;
	size_t rank = (size_t)(flat * (pow((double)n / flat + 1, unit(state)) - 1));
	return rank < n ? rank : n - 1;
}

#define pick(state, array) (&(array)[below((state), countof(array))])

/* ── Names ── */

/* A name of two or three syllables. */
static struct str made_up_name(uint64_t *state, struct arena *arena)
{
	struct str begins = pick(state, syllables)->begins, goes_on = pick(state, syllables)->goes_on;
	struct str ends = pick(state, syllables)->ends;

	if (chance(state, 30))
		goes_on = STR("");
	return arena_printf(arena, "%.*s%.*s%.*s", STR_ARG(begins), STR_ARG(goes_on), STR_ARG(ends));
}

static struct str artist_in_script(const struct script *script, uint64_t *state, struct arena *arena)
{
	const char *first = *pick(state, script->first), *second = *pick(state, script->second);
	return arena_printf(arena, "%s%.*s%s", first, STR_ARG(script->between), second);
}

/* NULL: the artist of this rank is written in Latin letters, or one of the best known. */
static const struct script *script_of(size_t rank)
{
	uint64_t state = rank * 0xd1342543de82ef95 + 1;
	return rank >= countof(artists) && chance(&state, SCRIPT_PERCENT) ? pick(&state, scripts) : NULL;
}

/* The artist of a rank is always the same. Each draw is a statement: the order within an expression is nobody's. */
static struct str artist_of(size_t rank, struct arena *arena)
{
	uint64_t state = rank * 0x2545f4914f6cdd1d;
	const struct script *script = script_of(rank);

	if (rank < countof(artists))
		return artists[rank];
	if (script)
		return artist_in_script(script, &state, arena);
	struct str first = pick(&state, words)->first, second = pick(&state, words)->second;
	struct str given = pick(&state, people)->first, family = pick(&state, people)->second;
	struct str name = made_up_name(&state, arena);
	switch (below(&state, 9)) {
	case 0:
		return arena_printf(arena, "The %.*s %.*s", STR_ARG(first), STR_ARG(second));
	case 1:
		return arena_printf(arena, "%.*s %.*s", STR_ARG(first), STR_ARG(second));
	case 2:
		return arena_printf(arena, "%.*s %.*s Trio", STR_ARG(given), STR_ARG(family));
	case 3:
		return arena_printf(arena, "%.*s %.*s & The %.*s", STR_ARG(given), STR_ARG(family), STR_ARG(second));
	case 4:
	case 5:
		return arena_printf(arena, "%.*s %.*s", STR_ARG(given), STR_ARG(name));
	case 6:
		return arena_printf(arena, "%.*s %.*s", STR_ARG(name), STR_ARG(second));
	case 7:
		return arena_printf(arena, "The %.*s", STR_ARG(name));
	default:
		return arena_printf(arena, "%.*s %.*s", STR_ARG(given), STR_ARG(family));
	}
}

static struct str title_of(uint64_t *state, struct arena *arena)
{
	struct str first = pick(state, words)->first, second = pick(state, words)->second;
	struct str third = pick(state, words)->second, name = made_up_name(state, arena);

	switch (below(state, 9)) {
	case 0:
		return second;
	case 1:
		return arena_printf(arena, "The %.*s", STR_ARG(second));
	case 2:
		return arena_printf(arena, "%.*s Of The %.*s", STR_ARG(second), STR_ARG(third));
	case 3:
		return arena_printf(arena, "%.*s And %.*s", STR_ARG(second), STR_ARG(third));
	case 4:
		return arena_printf(arena, "Live In The %.*s %.*s", STR_ARG(first), STR_ARG(second));
	case 5:
		return arena_printf(arena, "%.*s, Vol. %zu", STR_ARG(second), 1 + below(state, 4));
	case 6:
		return arena_printf(arena, "%.*s From %.*s", STR_ARG(second), STR_ARG(name));
	case 7:
		return arena_printf(arena, "%.*s %.*s", STR_ARG(name), STR_ARG(first));
	default:
		return arena_printf(arena, "%.*s %.*s", STR_ARG(first), STR_ARG(second));
	}
}

/* ── The parts of a record ── */

/* Most of what is kept is in good condition. */
static enum grade grade_by_chance(uint64_t *state)
{
	static const enum grade common[] = { GRADE_NM,	    GRADE_NM,	   GRADE_NM,	  GRADE_EX,
					     GRADE_EX,	    GRADE_EX_PLUS, GRADE_VG,	  GRADE_VG_PLUS,
					     GRADE_VG_PLUS, GRADE_VG_PLUS, GRADE_VG_PLUS, GRADE_EX_MINUS };
	static const enum grade rare[] = { GRADE_M, GRADE_NM_MINUS, GRADE_VG_MINUS, GRADE_G_PLUS,
					   GRADE_G, GRADE_G_MINUS,  GRADE_F,	    GRADE_P };
	return chance(state, 85) ? *pick(state, common) : *pick(state, rare);
}

static const struct format *format_by_chance(uint64_t *state)
{
	size_t left = below(state, 100);
	for (size_t i = 0; i < countof(formats); i++) {
		if (left < formats[i].weight)
			return &formats[i];
		left -= formats[i].weight;
	}
	return &formats[0];
}

static const struct format *format_named(struct str name)
{
	for (size_t i = 0; i < countof(formats); i++)
		if (str_equal(formats[i].name, name))
			return &formats[i];
	return &formats[0];
}

static void add_pieces(struct sample *sample, const struct format *format, struct arena *arena, struct record *record)
{
	struct media_hint hint = media_hint_of(format->piece);
	bool graded = chance(&sample->state, 70);

	record->pieces.items = arena_array(arena, format->n_pieces, sizeof(*record->pieces.items));
	record->pieces.n = record->pieces.items ? format->n_pieces : 0;
	for (size_t i = 0; i < record->pieces.n; i++)
		record->pieces.items[i] = (struct media_piece){
			.index = (int64_t)i + 1,
			.kind = hint.kind,
			.size_inch = hint.size_inch,
			.speed_rpm = hint.speed_rpm,
			.disc_grade = graded ? grade_by_chance(&sample->state) : GRADE_NONE,
		};
}

static void add_release(struct sample *sample, struct arena *arena, struct record *record)
{
	const struct label *label = pick(&sample->state, labels);
	size_t number = 1 + below(&sample->state, LAST_NUMBER), rank = zipf(&sample->state, N_MADE_UP_ARTISTS);
	const struct script *script = script_of(rank);

	record->artist = artist_of(rank, arena);
	record->name = title_of(&sample->state, arena);
	if (script && chance(&sample->state, 70))
		record->name = str_of(*pick(&sample->state, script->titles));
	record->label = label->name;
	if (label->prefix.len)
		record->catalog_number = arena_printf(arena, "%.*s%zu", STR_ARG(label->prefix), number);
	record->format = format_by_chance(&sample->state)->name;
	record->release_year = OLDEST_YEAR + (int64_t)below(&sample->state, NEWEST_YEAR - OLDEST_YEAR + 1);
}

static void add_album(const struct album *album, struct record *record)
{
	record->artist = album->artist;
	record->name = album->title;
	record->label = album->label;
	record->catalog_number = album->number;
	record->format = album->format;
	record->release_year = album->year;
}

/* What the collector paid: mostly little, now and then a lot. */
static int64_t price_by_chance(uint64_t *state)
{
	double height = exp(unit(state) * 4.2);
	double euros = 3 + height * (0.5 + unit(state));
	return (int64_t)euros * 100 + (chance(state, 30) ? 0 : chance(state, 50) ? 99 : 50);
}

static int64_t reissue_year(uint64_t *state, int64_t release_year)
{
	int64_t year = release_year + 1 + (int64_t)below(state, 20);
	return year > NEWEST_YEAR ? release_year : year;
}

static void add_copy(struct sample *sample, struct record *record)
{
	static const struct str notes[] = { STR("Cover has ring wear"),
					    STR("Includes original inner sleeve"),
					    STR("Plays well, light surface noise"),
					    STR("First pressing"),
					    STR("Name of a former owner on the label"),
					    STR("Reissue, remastered") };
	uint64_t *state = &sample->state;

	record->sleeve_grade = chance(state, 85) ? grade_by_chance(state) : GRADE_NONE;
	record->has_insert = chance(state, 30);
	if (record->has_insert && chance(state, 50))
		record->insert_grade = grade_by_chance(state);
	record->has_booklet = chance(state, 8);
	record->has_obi_strip = chance(state, 5);
	record->has_factory_sleeve = chance(state, 25);
	record->is_promo = chance(state, 3);
	if (chance(state, 40))
		record->pressing_year =
			chance(state, 70) ? record->release_year : reissue_year(state, record->release_year);
	if (chance(state, 20))
		record->notes = *pick(state, notes);
	record->created_at = sample->now_ms - 1000 - (int64_t)(unit(state) * (double)YEARS_MS);
	if (chance(state, 75)) {
		record->price_paid = price_by_chance(state);
		record->purchased_at = record->created_at - record->created_at % 86400000;
	}
}

struct sample sample_of(uint64_t seed, int64_t now_ms)
{
	return (struct sample){ .state = seed * 0x9e3779b97f4a7c15 + 1, .now_ms = now_ms };
}

bool sample_next(struct sample *sample, struct arena *arena, struct record *record)
{
	struct record_check check = { .arena = arena };
	uint64_t at = sample->n++;

	*record = record_blank();
	if (at % ALBUM_EVERY == 0 && at / ALBUM_EVERY < countof(albums))
		add_album(&albums[at / ALBUM_EVERY], record);
	else
		add_release(sample, arena, record);
	add_pieces(sample, format_named(record->format), arena, record);
	add_copy(sample, record);
	record_settle(record, &check);
	return !arena_exhausted(arena);
}
