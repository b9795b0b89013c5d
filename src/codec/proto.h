/* SPDX-License-Identifier: MIT */
/*
 * Messages of Protocol Buffers and JSON, each made of the other by a descriptor of protobuf-c: no code of its own for
 * any message. Names are snake_case in one and camelCase in the other. Of a descriptor only names, numbers, types and
 * labels are read, so that one made at run time (recordd call) will do.
 *
 * Why not protobuf-c's own structures: a string in them ends at its first NUL, ill-formed UTF-8 passes, and each field
 * is an allocation. A message is read here as slices of the input.
 *
 * int64 is a number in our JSON, as in the REST API, and read from a text too. A map is an object.
 */
#ifndef CODEC_PROTO_H
#define CODEC_PROTO_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "codec/json_out.h"
#include "codec/wire.h"

enum { PROTO_MAX_DEPTH = 16 };

/* What a message has of one field. */
struct proto_found {
	size_t n; /* how often it is there */
	struct wire_field last;
};

/* A message taken apart: found[i] belongs to type->fields[i]. Slices of the message. */
struct proto_message {
	const ProtobufCMessageDescriptor *type;
	struct str bytes;
	struct proto_found *found;
};

enum proto_outcome { PROTO_DONE = 0, PROTO_BROKEN = 1 };

/*
 * PROTO_DONE, or PROTO_BROKEN with *said a sentence for the client; a negative errno without memory. Everything is
 * checked, nested messages too: lengths, wire types, UTF-8 of strings, depth.
 */
must_use int proto_read(struct proto_message *message, const ProtobufCMessageDescriptor *type, struct str bytes,
			struct arena *arena, struct str *said);

/* The place of a field; -1 when the type has none of that name. */
int proto_field_at(const ProtobufCMessageDescriptor *type, struct str name);
/* Whether field i is there and not at its default. */
bool proto_is_set(const struct proto_message *message, int i);
/* Field i of type string or bytes; empty when it is not there. */
struct str proto_text(const struct proto_message *message, int i);
/* Of an integer, an enumeration or a bool; 0 when it is not there. */
int64_t proto_number(const struct proto_message *message, int i);
/* A singular message in field i, empty when it is not there: the parts of one that comes in parts are joined in the arena. */
struct str proto_part(const struct proto_message *message, int i, struct arena *arena);
/* Each element of the repeated field i in turn: *rest begins as message->bytes. False at the end. */
must_use bool proto_each(const struct proto_message *message, int i, struct str *rest, struct str *element);

enum { PROTO_KEY = 128 };
/* "catalog_number" as JSON spells it, "catalogNumber", written into `room`; a longer one is cut. */
struct str proto_key(const ProtobufCFieldDescriptor *field, char room[PROTO_KEY]);
void proto_put_key(struct json_out *out, const ProtobufCFieldDescriptor *field);
/* Field i as a value, of one that has been read: not at its default, else null, false, 0, [] or {}. */
void proto_put_value(struct json_out *out, const struct proto_message *message, int i, struct arena *arena);
/* The whole message as an object, without fields at their default. */
void proto_put_message(struct json_out *out, const struct proto_message *message, struct arena *arena);

/*
 * Makes messages of JSON in one pass, without a tree. Keep one for many messages of a kind: it remembers in which order
 * their keys came. Zero-initialise.
 */
struct proto_writer {
	bool strict;	      /* a key that the type does not have is refused; else it is left out */
	const char *where;    /* when it is broken: the field, or NULL */
	unsigned char at[64]; /* the field that the key at this place was last time */
};

/*
 * Appends the fields of the JSON object `json` as a message of that type; null is left out, as is a default. False when
 * it is no such object: *said is what is wrong, a literal, and writer->where the field.
 */
must_use bool proto_write(struct proto_writer *writer, const ProtobufCMessageDescriptor *type, struct str json,
			  struct buf *to, struct str *said);
/* The same for a value of one field of a message: for a repeated one, an array of them. */
must_use bool proto_write_field(struct proto_writer *writer, const ProtobufCFieldDescriptor *field, struct str json,
				struct buf *to, struct str *said);

/* Whether the field is a map, and of what: its entries are messages of two fields, key and value. */
bool proto_is_map(const ProtobufCFieldDescriptor *field);

#endif
