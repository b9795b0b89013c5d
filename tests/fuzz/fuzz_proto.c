/* SPDX-License-Identifier: MIT */
/* Any bytes as a message: refused with a sentence, or JSON that reads back as the same message's JSON. */
#include "codec/json.h"
#include "codec/proto.h"
#include "records.pb-c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BUDGET = 64 << 20 };

static void show(const struct proto_message *message, struct arena *arena, struct buf *to)
{
	struct json_out out = json_out_of(to);
	proto_put_message(&out, message, arena);
}

static void read_back(const struct proto_message *message, struct arena *arena)
{
	owned(buf_free) struct buf first = buf_of(BUDGET), second = buf_of(BUDGET), bytes = buf_of(BUDGET);
	struct proto_writer writer = { .strict = true };
	struct proto_message again;
	const struct json *root;
	struct str said = STR_ABSENT;

	show(message, arena, &first);
	check(!buf_failed(&first));
	if (json_parse(arena, buf_str(&first), &root, &said))
		return; /* a NUL, a key twice: for who reads it to refuse */
	check(proto_write(&writer, message->type, buf_str(&first), &bytes, &said));
	check(proto_read(&again, message->type, buf_str(&bytes), arena, &said) == PROTO_DONE);
	show(&again, arena, &second);
	check(str_equal(buf_str(&first), buf_str(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	owned(arena_drop) struct arena *arena = arena_new(BUDGET);
	struct str bytes = { (const char *)data, size }, said = STR_ABSENT;
	struct proto_message message;

	switch (proto_read(&message, &records__update_record_request__descriptor, bytes, arena, &said)) {
	case PROTO_DONE: read_back(&message, arena); break;
	case PROTO_BROKEN: check(str_present(said)); break;
	default: check(arena_exhausted(arena));
	}
	return 0;
}
