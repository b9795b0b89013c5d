/* SPDX-License-Identifier: MIT */
/* The record's fields as a table, and what makes a record whole. */
#include "app/record.h"

#include <stdlib.h>
#include <string.h>

#include "app/record_value.h"

const struct record_field record_fields[N_RECORD_FIELDS] = {
#define FIELD(member, type, name, max, flags) \
	[RECORD_##member] = { STR(name), FIELD_##type, (flags), (max), offsetof(struct record, member) },
#include "app/record.def"
#undef FIELD
};

const struct record_field *record_field_named(struct str name)
{
	for (size_t i = 0; i < N_RECORD_FIELDS; i++)
		if (str_equal(record_fields[i].name, name))
			return &record_fields[i];
	return NULL;
}

struct record record_blank(void)
{
	struct record record = { 0 };
	for (size_t i = 0; i < N_RECORD_FIELDS; i++)
		value_clear(&record_fields[i], record_at(&record, &record_fields[i]));
	return record;
}

void record_wrong(struct record_check *check, struct str field, struct str message)
{
	if (check->n++ >= RECORD_MAX_ERRORS)
		return;
	struct field_error *error = arena_new_of(check->arena, struct field_error);
	if (!error)
		return;
	*error = (struct field_error){ .field = arena_copy(check->arena, field), .message = message };
	*(check->last ? &check->last->next : &check->first) = error;
	check->last = error;
}

static bool already_wrong(const struct record_check *check, struct str field)
{
	for (const struct field_error *error = check->first; error; error = error->next)
		if (str_equal(error->field, field))
			return true;
	return false;
}

const struct problem *record_problem(const struct record_check *check)
{
	if (check->n == 0 && !arena_exhausted(check->arena))
		return NULL;
	struct problem *problem = arena_new_of(check->arena, struct problem);
	if (!problem)
		return problem_new(check->arena, PROBLEM_TOO_LARGE, STR("the record is too large"));
	const struct field_error *first = check->first;
	struct str error = check->n == 1 && first ? arena_printf(check->arena, "%.*s %.*s", STR_ARG(first->field),
								 STR_ARG(first->message))
						  : problem_sentence(PROBLEM_INVALID);
	*problem = (struct problem){ .kind = PROBLEM_INVALID, .error = error, .fields = check->first };
	return problem;
}

void record_set_text(struct record *record, const struct record_field *field, struct str text,
		     struct record_check *check)
{
	struct str wrong = value_of_text(field, text, check->arena, record_at(record, field));
	if (str_present(wrong))
		record_wrong(check, field->name, wrong);
}

static int by_index(const void *a, const void *b)
{
	const struct media_piece *left = a, *right = b;
	return (left->index > right->index) - (left->index < right->index);
}

static int by_name(const void *a, const void *b)
{
	const struct media_side *left = a, *right = b;
	if (left->name.len != right->name.len)
		return left->name.len < right->name.len ? -1 : 1;
	return str_compare(left->name, right->name);
}

/* Sides that were called A and B become C and D on the second piece, and so on; others are called what they are. */
static void letter_sides(struct media_piece *piece, struct arena *arena)
{
	char room[SIDE_NAME_MAX + 1];
	bool plain = piece->index > 1;

	for (size_t i = 0; i < piece->n_sides; i++)
		plain = plain &&
			(str_equal(piece->sides[i].name, STR("A")) || str_equal(piece->sides[i].name, STR("B")));
	for (size_t i = 0; plain && i < piece->n_sides; i++) {
		unsigned side = piece->sides[i].name.at[0] == 'B';
		piece->sides[i].name = arena_copy(arena, media_side_name(piece->index, side, room));
	}
	if (piece->n_sides)
		qsort(piece->sides, piece->n_sides, sizeof(*piece->sides), by_name);
}

static enum grade worst_of_pieces(const struct media_pieces *pieces)
{
	enum grade worst = GRADE_NONE;
	for (size_t i = 0; i < pieces->n; i++) {
		worst = grade_worse(worst, pieces->items[i].disc_grade);
		for (size_t side = 0; side < pieces->items[i].n_sides; side++)
			worst = grade_worse(worst, pieces->items[i].sides[side].grade);
	}
	return worst;
}

static void settle_pieces(struct record *record, struct arena *arena)
{
	struct media_pieces *pieces = &record->pieces;
	if (pieces->n)
		qsort(pieces->items, pieces->n, sizeof(*pieces->items), by_index);
	for (size_t i = 0; i < pieces->n; i++) {
		struct media_piece *piece = &pieces->items[i];
		if (uuid_is_nil(&piece->id))
			piece->id = uuid_new();
		letter_sides(piece, arena);
		/* The hint of a 7" is the only one that names a format. */
		if (!str_present(record->format) && piece->kind == MEDIA_VINYL && piece->size_inch == 7)
			record->format = STR("EP");
	}
	if (record->record_grade == GRADE_NONE || record->grade_derived) {
		record->record_grade = worst_of_pieces(pieces);
		record->grade_derived = record->record_grade != GRADE_NONE;
	}
}

void record_settle(struct record *record, struct record_check *check)
{
	settle_pieces(record, check->arena);
	for (size_t i = 0; i < N_RECORD_FIELDS; i++) {
		const struct record_field *field = &record_fields[i];
		const struct str *text = record_at_const(record, field);
		if (field->flags & FIELD_REQUIRED && !str_present(*text) && !already_wrong(check, field->name))
			record_wrong(check, field->name, STR("is required"));
	}
}
