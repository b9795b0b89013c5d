/* SPDX-License-Identifier: MIT */
/* A record as JSON, in the order of record.def. */
#include "app/record.h"
#include "codec/time.h"

static void put_int(struct json_out *out, struct str key, int64_t value)
{
	if (value == RECORD_UNSAID)
		json_put_null(out, key);
	else
		json_put_int(out, key, value);
}

static void put_date(struct json_out *out, struct str key, int64_t days)
{
	char text[DATE_TEXT + 1];
	json_put_str(out, key, days == RECORD_UNSAID ? STR_ABSENT : date_format(date_of_days(days), text));
}

void media_render_sides(const struct media_piece *piece, struct json_out *out)
{
	json_object(out);
	for (size_t i = 0; i < piece->n_sides; i++)
		json_put_str(out, piece->sides[i].name, grade_text(piece->sides[i].grade));
	json_object_end(out);
}

static void put_piece(struct json_out *out, const struct media_piece *piece, bool with_notes)
{
	json_object(out);
	json_put_uuid(out, STR("id"), uuid_is_nil(&piece->id) ? NULL : &piece->id);
	put_int(out, STR("index"), piece->index);
	json_put_str(out, STR("kind"), media_kind_text(piece->kind));
	put_int(out, STR("sizeInch"), piece->size_inch);
	put_int(out, STR("speedRpm"), piece->speed_rpm);
	json_put_str(out, STR("discGrade"), grade_text(piece->disc_grade));
	json_key(out, STR("sides"));
	media_render_sides(piece, out);
	json_put_str(out, STR("notes"), with_notes ? piece->notes : STR_ABSENT);
	json_object_end(out);
}

static void put_pieces(struct json_out *out, const struct record *record, bool with_notes)
{
	json_array(out);
	for (size_t i = 0; i < record->pieces.n; i++)
		put_piece(out, &record->pieces.items[i], with_notes);
	json_array_end(out);
}

void record_render_pieces(const struct record *record, struct json_out *out)
{
	put_pieces(out, record, true);
}

void record_render_extra(const struct record *record, struct json_out *out)
{
	json_object(out);
	for (size_t i = 0; i < record->extra.n; i++)
		json_put_str(out, record->extra.items[i].key, record->extra.items[i].value);
	json_object_end(out);
}

static void put_field(struct json_out *out, const struct record *record, const struct record_field *field)
{
	const void *value = record_at_const(record, field);

	switch (field->type) {
	case FIELD_ID:
		json_put_uuid(out, field->name, value);
		return;
	case FIELD_TEXT:
		json_put_str(out, field->name, *(const struct str *)value);
		return;
	case FIELD_INT:
	case FIELD_YEAR:
		put_int(out, field->name, *(const int64_t *)value);
		return;
	case FIELD_DATE:
		put_date(out, field->name, *(const int64_t *)value);
		return;
	case FIELD_TIME:
		json_put_time_ms(out, field->name, *(const int64_t *)value);
		return;
	case FIELD_MONEY:
		json_put_cents(out, field->name, *(const int64_t *)value);
		return;
	case FIELD_GRADE:
		json_put_str(out, field->name, grade_text(*(const enum grade *)value));
		return;
	case FIELD_FLAG:
		json_put_bool(out, field->name, *(const bool *)value);
		return;
	case FIELD_PIECES:
		json_key(out, field->name);
		record_render_pieces(record, out);
		return;
	case FIELD_EXTRA:
		json_key(out, field->name);
		record_render_extra(record, out);
		return;
	}
}

void record_render(const struct record *record, struct buf *to)
{
	struct json_out out = json_out_of(to);
	json_object(&out);
	for (size_t i = 0; i < N_RECORD_FIELDS; i++)
		put_field(&out, record, &record_fields[i]);
	json_object_end(&out);
}

/* One field alone, as text. */
static struct str render_field(const struct record *record, const struct record_field *field, struct buf *to)
{
	struct json_out out = json_out_of(to);
	size_t before = to->len;

	json_object(&out);
	put_field(&out, record, field);
	json_object_end(&out);
	return str_skip(buf_str(to), before);
}

static bool is_same(const struct record *a, const struct record *b, const struct record_field *field)
{
	owned(buf_free) struct buf left = buf_of(RECORD_DOC_MAX), right = buf_of(RECORD_DOC_MAX);
	return str_equal(render_field(a, field, &left), render_field(b, field, &right));
}

static bool has_piece(const struct media_pieces *pieces, const struct uuid *id)
{
	for (size_t i = 0; i < pieces->n; i++)
		if (uuid_equal(&pieces->items[i].id, id))
			return true;
	return false;
}

/* A piece that is gone is a new one when it comes back. */
static void forget_gone(struct media_pieces *pieces, const struct media_pieces *now)
{
	for (size_t i = 0; i < pieces->n; i++)
		if (!has_piece(now, &pieces->items[i].id))
			pieces->items[i].id = (struct uuid){ 0 };
}

bool record_render_former(struct record *was, const struct record *now, struct buf *to)
{
	struct json_out out = json_out_of(to);
	bool any = was->grade_derived != now->grade_derived;

	json_object(&out);
	for (size_t i = 0; i < N_RECORD_FIELDS; i++) {
		const struct record_field *field = &record_fields[i];
		bool grade = field == &record_fields[RECORD_record_grade];
		if (field->flags & FIELD_READ_ONLY || is_same(was, now, field))
			continue;
		any = true;
		if (field->type == FIELD_PIECES)
			forget_gone(&was->pieces, &now->pieces);
		if (!grade || !was->grade_derived)
			put_field(&out, was, field);
		else if (!now->grade_derived)
			json_put_null(&out, field->name);
	}
	json_object_end(&out);
	return any;
}

void record_render_shared(const struct record *record, unsigned shown, struct buf *to)
{
	const unsigned hidden = (FIELD_PRIVATE | FIELD_PRICE | FIELD_NOTE) & ~shown;
	struct json_out out = json_out_of(to);

	json_object(&out);
	for (size_t i = 0; i < N_RECORD_FIELDS; i++) {
		const struct record_field *field = &record_fields[i];
		if (field->flags & hidden)
			continue;
		if (field->type != FIELD_PIECES) {
			put_field(&out, record, field);
			continue;
		}
		json_key(&out, field->name);
		put_pieces(&out, record, shown & FIELD_NOTE);
	}
	json_object_end(&out);
}
