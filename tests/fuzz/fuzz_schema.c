/* SPDX-License-Identifier: MIT */
/* Any bytes as what a server tells of its services: refused, or a method whose messages can be read and written. */
#include "app/proto_files.h"
#include "cli/call_schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BUDGET = 16 << 20 };

static void use(const struct schema_method *method, struct arena *arena, struct str bytes)
{
	owned(buf_free) struct buf json = buf_of(BUDGET), again = buf_of(BUDGET);
	struct json_out out = json_out_of(&json);
	struct proto_writer writer = { 0 };
	struct proto_message message;
	struct str said;

	if (proto_read(&message, method->request, bytes, arena, &said))
		return;
	proto_put_message(&out, &message, arena);
	(void)!proto_write(&writer, method->response, buf_str(&json), &again, &said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	owned(arena_drop) struct arena *arena = arena_new(BUDGET);
	struct schema *schema = schema_new(arena);
	struct str file = { (const char *)data, size }, rest = file, service, method;
	struct schema_method found;

	if (!schema || !schema_add(schema, file))
		return 0;
	while (str_present(service = proto_files_next(&rest, FILE_SERVICE))) {
		struct str methods = service;
		while (str_present(method = proto_files_next(&methods, SERVICE_METHOD)))
			if (str_present(proto_files_name(service)) && str_present(proto_files_name(method)) &&
			    schema_find(schema, proto_files_name(service), proto_files_name(method), &found))
				use(&found, arena, file);
	}
	return 0;
}
