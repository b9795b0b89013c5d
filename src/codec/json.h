/* SPDX-License-Identifier: MIT */
/*
 * Reading JSON (RFC 8259) from strangers: a tree in the arena that borrows nothing from the input.
 *
 * jansson reads, this file bounds it: at most JSON_MAX_DEPTH levels, no key twice in an object, no NUL, no lone
 * surrogate, no ill-formed UTF-8, whole numbers within 64 bits. jansson.h is included by json.c alone (its names
 * and those of codec/json_out.h would meet).
 *
 *	const struct json *root;
 *	struct str said;
 *	if (json_parse(call->arena, request->body, &root, &said))
 *		return call_fail_with(call, PROBLEM_BAD_REQUEST, "%.*s", STR_ARG(said));
 *	const struct json *name = json_get(root, STR("name"));
 */
#ifndef CODEC_JSON_H
#define CODEC_JSON_H

#include "base/arena.h"

enum { JSON_MAX_DEPTH = 64 };

enum json_kind {
	JSON_KIND_NULL,
	JSON_KIND_BOOL,
	JSON_KIND_INT, /* a number without fraction and exponent */
	JSON_KIND_REAL,
	JSON_KIND_TEXT,
	JSON_KIND_ARRAY,
	JSON_KIND_OBJECT,
};

struct json {
	enum json_kind kind;
	union {
		bool truth;
		int64_t whole;
		double real;
		struct str text;	      /* UTF-8; NUL-terminated behind its end */
		const struct json *items;     /* of an array */
		const struct json_member *members; /* of an object, in the order of the input */
	};
	size_t n; /* items or members; 0 for the others */
};

struct json_member {
	struct str key;
	struct json value;
};

enum json_outcome { JSON_PARSED = 0, JSON_BROKEN = 1 };

/*
 * JSON_PARSED, or JSON_BROKEN with *said a sentence for the client naming the byte offset; a negative errno when
 * the arena's budget is spent (*said speaks of that too).
 */
must_use int json_parse(struct arena *arena, struct str bytes, const struct json **root, struct str *said);

/* The member's value; NULL when there is none, or `object` is NULL or no object. */
const struct json *json_get(const struct json *object, struct str key);

/* Each is false, leaving *out as it was, for NULL and for a value of another kind. */
must_use bool json_read_text(const struct json *value, struct str *out);
must_use bool json_read_bool(const struct json *value, bool *out);
must_use bool json_read_int(const struct json *value, int64_t min, int64_t max, int64_t *out);
/* A number with at most two decimals that NUMERIC(12,2) can hold, as hundredths. */
must_use bool json_money(const struct json *value, int64_t *cents);

#endif
