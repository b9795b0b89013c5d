/* SPDX-License-Identifier: MIT */
/* The files of proto/ that are served, as they went through the compiler: found by name, or by what they declare. */
#ifndef APP_PROTO_FILES_H
#define APP_PROTO_FILES_H

#include "base/str.h"

/* The fields of google.protobuf's descriptors that are read here and by `recordd call`. */
enum {
	FILE_SET_FILE = 1,
	FILE_NAME = 1,
	FILE_PACKAGE = 2,
	FILE_IMPORT = 3,
	FILE_MESSAGE = 4,
	FILE_ENUM = 5,
	FILE_SERVICE = 6,
	DECLARED_NAME = 1, /* of a message, an enumeration, a service, a method, a field, a value */
	MESSAGE_FIELD = 2,
	MESSAGE_NESTED = 3,
	MESSAGE_ENUM = 4,
	SERVICE_METHOD = 2,
};

/* A google.protobuf.FileDescriptorSet. */
struct str proto_files(void);
/* The file of that name, a FileDescriptorProto; absent when there is none. */
struct str proto_file_named(struct str name);
/* The file that declares this: "records.RecordsService.GetRecord", "records.Record", "records.Record.artist". */
struct str proto_file_declaring(struct str symbol);

/* The first field with this number in a descriptor, from *rest on, which then stands behind it; absent at the end. */
struct str proto_files_next(struct str *rest, uint32_t id);
/* The name that a descriptor gives itself. */
struct str proto_files_name(struct str descriptor);

#endif
