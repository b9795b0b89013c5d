/* SPDX-License-Identifier: MIT */
/* Media pieces, their sides, and extra columns out of JSON. */
#include "app/record_json.h"

#include <string.h>

#include "app/record_value.h"
#include "codec/utf8.h"

enum { MAX_INDEX = 99, MAX_SIZE_INCH = 20, MAX_SPEED_RPM = 120 };

#define PIECE_FIELD(member, type, name, max, flags)                                           \
	{                                                                                     \
		STR(name), FIELD_##type, (flags), (max), offsetof(struct media_piece, member) \
	}

/* The single values of a piece; id, kind and sides are read by hand. */
static const struct record_field piece_fields[] = {
	PIECE_FIELD(index, INT, "index", MAX_INDEX, 0),
	PIECE_FIELD(size_inch, INT, "sizeInch", MAX_SIZE_INCH, 0),
	PIECE_FIELD(speed_rpm, INT, "speedRpm", MAX_SPEED_RPM, 0),
	PIECE_FIELD(disc_grade, GRADE, "discGrade", 0, 0),
	PIECE_FIELD(notes, TEXT, "notes", RECORD_PIECE_NOTES, FIELD_LINES),
};

/* Reading one piece: where it goes, and what its errors are called. */
struct piece_reader {
	struct media_piece *piece;
	const struct media_pieces *known; /* the stored ones */
	enum record_source source;
	struct record_check *check;
	size_t position;
};

static void wrong_at(const struct piece_reader *reader, struct str key, struct str message)
{
	struct str field = arena_printf(reader->check->arena, "mediaPieces[%zu].%.*s", reader->position, STR_ARG(key));
	record_wrong(reader->check, field, message);
}

static bool has_piece(const struct media_pieces *pieces, const struct uuid *id)
{
	for (size_t i = 0; i < pieces->n; i++)
		if (uuid_equal(&pieces->items[i].id, id))
			return true;
	return false;
}

static void read_id(const struct piece_reader *reader, const struct json *json)
{
	struct uuid id;
	struct str text;

	if (json->kind == JSON_KIND_NULL || reader->source == RECORD_OF_FILE)
		return;
	if (!json_read_text(json, &text) || !uuid_parse(text, &id))
		wrong_at(reader, STR("id"), STR("must be a UUID"));
	else if (reader->source == RECORD_OF_CLIENT && !has_piece(reader->known, &id))
		wrong_at(reader, STR("id"), STR("is no piece of this record"));
	else
		reader->piece->id = id;
}

/* One or two letters, in upper case; absent when it is none. */
static struct str side_name(struct str key, struct arena *arena)
{
	char room[SIDE_NAME_MAX];
	if (key.len == 0 || key.len > SIDE_NAME_MAX)
		return STR_ABSENT;
	for (size_t i = 0; i < key.len; i++) {
		if (!char_is_alpha(key.at[i]))
			return STR_ABSENT;
		room[i] = (char)(key.at[i] & ~0x20);
	}
	return arena_copy(arena, (struct str){ room, key.len });
}

static void read_side(const struct piece_reader *reader, const struct json_member *member)
{
	static const struct record_field grade = { STR("grade"), FIELD_GRADE, 0, 0, 0 };
	struct media_piece *piece = reader->piece;
	struct media_side side = { side_name(member->key, reader->check->arena), GRADE_NONE };
	struct str field = arena_printf(reader->check->arena, "sides.%.*s", STR_ARG(member->key));

	if (!str_present(side.name)) {
		wrong_at(reader, field, STR("a side is one or two letters: A, B, …"));
		return;
	}
	for (size_t i = 0; i < piece->n_sides; i++) {
		if (str_equal(piece->sides[i].name, side.name)) {
			wrong_at(reader, field, STR("is given twice"));
			return;
		}
	}
	struct str wrong = value_of_json(&grade, &member->value, reader->check->arena, &side.grade);
	if (str_present(wrong))
		wrong_at(reader, field, wrong);
	piece->sides[piece->n_sides++] = side;
}

static void read_sides(const struct piece_reader *reader, const struct json *json)
{
	struct media_piece *piece = reader->piece;

	if (json->kind == JSON_KIND_NULL)
		return;
	if (json->kind != JSON_KIND_OBJECT || json->n > RECORD_MAX_SIDES) {
		wrong_at(reader, STR("sides"), STR("must be an object of at most 16 sides"));
		return;
	}
	piece->sides = arena_array(reader->check->arena, json->n, sizeof(*piece->sides));
	for (size_t i = 0; piece->sides && i < json->n; i++)
		read_side(reader, &json->members[i]);
}

/* A kind fills in the size and the speed that the piece does not name itself; null names it as unknown. */
static void read_kind(const struct piece_reader *reader, const struct json *body)
{
	const struct json *kind = json_get(body, STR("kind"));
	struct media_piece *piece = reader->piece;
	struct str text = STR_ABSENT;

	if (kind && kind->kind != JSON_KIND_NULL && !json_read_text(kind, &text)) {
		wrong_at(reader, STR("kind"), STR("must be VINYL, CD, CASSETTE or OTHER"));
		return;
	}
	struct media_hint hint = media_hint_of(text);
	piece->kind = hint.kind;
	if (reader->source == RECORD_OF_STORE)
		return;
	if (!json_get(body, STR("sizeInch")))
		piece->size_inch = hint.size_inch;
	if (!json_get(body, STR("speedRpm")))
		piece->speed_rpm = hint.kind == MEDIA_VINYL && piece->size_inch == 7 ? 45 : hint.speed_rpm;
}

static const struct record_field *piece_field_named(struct str key)
{
	for (size_t i = 0; i < countof(piece_fields); i++)
		if (str_equal(piece_fields[i].name, key))
			return &piece_fields[i];
	return NULL;
}

static void read_member(const struct piece_reader *reader, const struct json_member *member)
{
	const struct record_field *field = piece_field_named(member->key);

	if (field) {
		void *to = (char *)reader->piece + field->offset;
		struct str wrong = value_of_json(field, &member->value, reader->check->arena, to);
		if (str_present(wrong))
			wrong_at(reader, member->key, wrong);
	} else if (str_equal(member->key, STR("id"))) {
		read_id(reader, &member->value);
	} else if (str_equal(member->key, STR("sides"))) {
		read_sides(reader, &member->value);
	} else if (!str_equal(member->key, STR("kind"))) {
		wrong_at(reader, member->key, STR("unknown field"));
	}
}

static void read_piece(const struct piece_reader *reader, const struct json *json)
{
	*reader->piece = (struct media_piece){
		.index = RECORD_UNSAID,
		.size_inch = RECORD_UNSAID,
		.speed_rpm = RECORD_UNSAID,
	};
	if (json->kind != JSON_KIND_OBJECT) {
		record_wrong(reader->check, arena_printf(reader->check->arena, "mediaPieces[%zu]", reader->position),
			     STR("must be an object"));
		return;
	}
	for (size_t i = 0; i < json->n; i++)
		read_member(reader, &json->members[i]);
	read_kind(reader, json);
}

static bool index_taken(const struct media_pieces *pieces, int64_t index, const struct media_piece *but)
{
	for (size_t i = 0; i < pieces->n; i++)
		if (&pieces->items[i] != but && pieces->items[i].index == index)
			return true;
	return false;
}

/* Pieces without an index take the lowest that are free; two with the same are wrong, and so are two with one id. */
static void number_pieces(struct media_pieces *pieces, struct record_check *check)
{
	int64_t next = 1;
	for (size_t i = 0; i < pieces->n; i++) {
		struct media_piece *piece = &pieces->items[i];
		struct media_pieces before = { pieces->items, i };
		struct piece_reader reader = { .position = i, .check = check };
		if (piece->index == RECORD_UNSAID) {
			while (index_taken(pieces, next, piece))
				next++;
			piece->index = next;
		} else if (index_taken(&before, piece->index, NULL)) {
			wrong_at(&reader, STR("index"), STR("is given twice"));
		}
		if (!uuid_is_nil(&piece->id) && has_piece(&before, &piece->id))
			wrong_at(&reader, STR("id"), STR("is given twice"));
	}
}

void record_pieces_of_json(struct media_pieces *pieces, const struct json *json, enum record_source source,
			   struct record_check *check)
{
	const struct record_field *field = &record_fields[RECORD_pieces];
	struct media_pieces given = { 0 };

	if (json->kind != JSON_KIND_NULL) {
		if (json->kind != JSON_KIND_ARRAY || json->n > (size_t)field->max) {
			record_wrong(check, field->name, STR("must be a list of at most 50 pieces"));
			return;
		}
		given.items = arena_array(check->arena, json->n, sizeof(*given.items));
		given.n = given.items ? json->n : 0;
	}
	for (size_t i = 0; i < given.n; i++) {
		struct piece_reader reader = { &given.items[i], pieces, source, check, i };
		read_piece(&reader, &json->items[i]);
	}
	number_pieces(&given, check);
	*pieces = given;
}

static bool has_control(struct str key)
{
	for (size_t i = 0; i < key.len; i++)
		if ((unsigned char)key.at[i] < 0x20 || key.at[i] == 0x7f)
			return true;
	return false;
}

static struct str extra_wrong(const struct record_extra *extra, struct str key)
{
	if (extra->n >= (size_t)record_fields[RECORD_extra].max)
		return STR("is one column too many: at most 40 are kept");
	if (str_blank(str_trim(key)) || utf8_count(key) > RECORD_EXTRA_KEY || has_control(key))
		return STR("a name must have 1 to 64 characters, no control characters");
	for (size_t i = 0; i < extra->n; i++)
		if (str_equal(extra->items[i].key, key))
			return STR("is given twice");
	return STR_ABSENT;
}

static const struct record_field extra_value = { STR("value"), FIELD_TEXT, FIELD_LINES, RECORD_EXTRA_VALUE, 0 };

/* Whether there is room for all the pairs that a record may have. */
static bool make_room(struct record_extra *extra, struct arena *arena)
{
	if (!extra->items)
		extra->items = arena_array(arena, (size_t)record_fields[RECORD_extra].max, sizeof(*extra->items));
	return extra->items;
}

static void add_pair(struct record_extra *extra, struct str key, struct str value, struct str wrong,
		     struct record_check *check)
{
	if (!str_present(wrong) && str_present(value))
		wrong = extra_wrong(extra, key);
	if (str_present(wrong))
		record_wrong(check, arena_printf(check->arena, "extra.%.*s", STR_ARG(key)), wrong);
	else if (str_present(value))
		extra->items[extra->n++] = (struct record_pair){ key, value };
}

static void add_object(struct record_extra *extra, const struct json *json, struct record_check *check)
{
	if (json->kind == JSON_KIND_NULL)
		return;
	if (json->kind != JSON_KIND_OBJECT) {
		record_wrong(check, STR("extra"), STR("must be an object of texts"));
		return;
	}
	for (size_t i = 0; i < json->n && make_room(extra, check->arena); i++) {
		struct str value = STR_ABSENT;
		struct str wrong = value_of_json(&extra_value, &json->members[i].value, check->arena, &value);
		add_pair(extra, json->members[i].key, value, wrong, check);
	}
}

void record_extra_of_json(struct record_extra *extra, const struct json *json, struct record_check *check)
{
	*extra = (struct record_extra){ 0 };
	add_object(extra, json, check);
}

void record_add_extras(struct record *record, const struct json *extra, struct record_check *check)
{
	add_object(&record->extra, extra, check);
}

void record_add_extra(struct record *record, struct str key, struct str text, struct record_check *check)
{
	struct str value = STR_ABSENT;
	struct str wrong = value_of_text(&extra_value, text, check->arena, &value);
	if (make_room(&record->extra, check->arena))
		add_pair(&record->extra, key, value, wrong, check);
}
