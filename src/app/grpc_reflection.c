/* SPDX-License-Identifier: MIT */
/* Server reflection, v1 and v1alpha, whose messages are the same: questions in a stream, an answer to each. */
#include "app/grpc_map.h"
#include "app/grpc_methods.h"
#include "app/proto_files.h"
#include "grpc/reflection/v1/reflection.pb-c.h"

enum { LARGEST_ANSWER = 1 << 20, MAX_FILES = 32 };

/* Fields of ServerReflectionRequest, ServerReflectionResponse and what is in the latter. */
enum {
	ASK_FILE = 3,
	ASK_SYMBOL = 4,
	ASK_EXTENSION = 5,
	ASK_EXTENSION_NUMBERS = 6,
	ASK_SERVICES = 7,
	TELL_HOST = 1,
	TELL_REQUEST = 2,
	TELL_FILES = 4,
	TELL_NUMBERS = 5,
	TELL_SERVICES = 6,
	TELL_ERROR = 7,
};

static void put_error(struct buf *to, enum grpc_code code, struct str message)
{
	size_t error = wire_open(to, TELL_ERROR);
	wire_put_number(to, 1, code);
	wire_put_bytes(to, 2, message);
	wire_close(to, error);
}

/* ── Files ── */

struct files {
	struct str items[MAX_FILES];
	size_t n;
};

static bool has_file(const struct files *files, struct str file)
{
	for (size_t i = 0; i < files->n; i++)
		if (files->items[i].at == file.at)
			return true;
	return false;
}

/* A file and all that it builds on, each once. */
static void add_files(struct files *files, struct str first)
{
	files->items[files->n++] = first;
	for (size_t i = 0; i < files->n; i++) {
		struct str name, rest = files->items[i];
		while (str_present(name = proto_files_next(&rest, FILE_IMPORT))) {
			struct str file = proto_file_named(name);
			if (str_present(file) && !has_file(files, file) && files->n < MAX_FILES)
				files->items[files->n++] = file;
		}
	}
}

static void put_files(struct buf *to, struct str file)
{
	struct files files = { .n = 0 };

	if (!str_present(file)) {
		put_error(to, GRPC_NOT_FOUND, STR("not found"));
		return;
	}
	add_files(&files, file);
	size_t answer = wire_open(to, TELL_FILES);
	for (size_t i = 0; i < files.n; i++)
		wire_put_bytes(to, 1, files.items[i]);
	wire_close(to, answer);
}

/* ── Services ── */

static void put_services(struct buf *to, struct arena *arena)
{
	struct str file, service, rest = proto_files();
	size_t answer = wire_open(to, TELL_SERVICES);

	while (str_present(file = proto_files_next(&rest, FILE_SET_FILE))) {
		struct str at = file, package = proto_files_next(&at, FILE_PACKAGE), services = file;
		while (str_present(service = proto_files_next(&services, FILE_SERVICE))) {
			size_t row = wire_open(to, 1);
			wire_put_bytes(
				to, 1,
				arena_concat(arena, (struct str[]){ package, STR("."), proto_files_name(service) }, 3));
			wire_close(to, row);
		}
	}
	wire_close(to, answer);
}

/* proto3 has no extensions. */
static void put_numbers(struct buf *to, struct str type)
{
	if (!str_present(proto_file_declaring(type))) {
		put_error(to, GRPC_NOT_FOUND, STR("not found"));
		return;
	}
	size_t answer = wire_open(to, TELL_NUMBERS);
	wire_put_bytes(to, 1, type);
	wire_close(to, answer);
}

/* The last of what is asked counts, as with any oneof. */
static struct wire_field question_of(struct str message)
{
	struct wire_field field, question = { 0 };

	while (wire_next(&message, &field) == WIRE_FIELD)
		if (field.id >= ASK_FILE && field.id <= ASK_SERVICES)
			question = field;
	return question;
}

static void put_answer(struct buf *to, struct wire_field question, struct arena *arena)
{
	switch (question.id) {
	case ASK_FILE:
		put_files(to, proto_file_named(question.bytes));
		break;
	case ASK_SYMBOL:
		put_files(to, proto_file_declaring(question.bytes));
		break;
	case ASK_EXTENSION:
		put_error(to, GRPC_NOT_FOUND, STR("there are no extensions"));
		break;
	case ASK_EXTENSION_NUMBERS:
		put_numbers(to, question.bytes);
		break;
	case ASK_SERVICES:
		put_services(to, arena);
		break;
	default:
		put_error(to, GRPC_INVALID_ARGUMENT, STR("nothing is asked"));
	}
}

static struct turn reflection_answer(struct call *call)
{
	owned(buf_free) struct buf answer = buf_of(LARGEST_ANSWER);
	owned(arena_drop) struct arena *scratch = arena_new(LARGEST_ANSWER);
	struct proto_message request;
	const struct problem *problem;
	struct str message = grpc_message(call);

	if (!str_present(message))
		return grpc_end(call);
	if (!scratch)
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	/* A question that cannot be read ends the call: its problem must outlive the scratch. */
	if ((problem = grpc_map_read(&grpc__reflection__v1__server_reflection_request__descriptor, message, scratch,
				     NULL, &request)))
		return call_fail(call, problem_copy(call->arena, problem));
	wire_put_bytes(&answer, TELL_HOST, proto_text(&request, 0));
	wire_put_bytes(&answer, TELL_REQUEST, message);
	put_answer(&answer, question_of(message), scratch);
	if (buf_failed(&answer))
		return call_fail_with(call, PROBLEM_INTERNAL, "out of memory");
	return grpc_send(call, buf_str(&answer), STEP(reflection_info));
}

struct turn reflection_info(struct call *call)
{
	return grpc_receive(call, STEP(reflection_answer));
}
