/* SPDX-License-Identifier: MIT */
/* What a server tells of its services by reflection, as descriptors that codec/proto.h reads and writes messages by. */
#ifndef CLI_CALL_SCHEMA_H
#define CLI_CALL_SCHEMA_H

#include "codec/proto.h"

struct schema;

struct schema_method {
	const ProtobufCMessageDescriptor *request, *response;
	bool client_streams, server_streams;
};

/* Empty; in the arena. NULL over its budget. */
must_use struct schema *schema_new(struct arena *arena);
/* A FileDescriptorProto, which must live as long as the schema. False over the budget, or when it is none. */
must_use bool schema_add(struct schema *schema, struct str file);
/* When all files are there: "records.RecordsService" and "GetRecord". False when there is no such method, or a type is missing. */
must_use bool schema_find(struct schema *schema, struct str service, struct str method, struct schema_method *out);

#endif
