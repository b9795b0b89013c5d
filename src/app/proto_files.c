/* SPDX-License-Identifier: MIT */
/* Descriptors, looked through as bytes: there are few, and they are asked for once by a client. */
#include "app/proto_files.h"

#include "codec/wire.h"

extern const char proto_files_begin[], proto_files_end[];

struct str proto_files(void)
{
	return str_span(proto_files_begin, proto_files_end);
}

struct str proto_files_next(struct str *rest, uint32_t id)
{
	struct wire_field field;

	while (wire_next(rest, &field) == WIRE_FIELD)
		if (field.id == id && field.type == WIRE_BYTES)
			return field.bytes;
	return STR_ABSENT;
}

struct str proto_files_name(struct str descriptor)
{
	return proto_files_next(&descriptor, DECLARED_NAME);
}

struct str proto_file_named(struct str name)
{
	struct str file, rest = proto_files();

	while (str_present(file = proto_files_next(&rest, FILE_SET_FILE)))
		if (str_equal(proto_files_name(file), name))
			return file;
	return STR_ABSENT;
}

/* The descriptor of that name among those with this number in another; absent when there is none. */
static struct str part_named(struct str descriptor, uint32_t id, struct str name)
{
	struct str part;

	while (str_present(part = proto_files_next(&descriptor, id)))
		if (str_equal(proto_files_name(part), name))
			return part;
	return STR_ABSENT;
}

/* Whether "Record", "Record.artist" or "MediaPiece.SidesEntry.key" is in a message, or a file's row of messages. */
static bool declares_message(struct str descriptor, uint32_t id, struct str path)
{
	struct str rest, name = str_cut(path, '.', &rest);
	struct str message = part_named(descriptor, id, name);

	if (!str_present(message) || !str_present(rest))
		return str_present(message);
	return str_present(part_named(message, MESSAGE_FIELD, rest)) ||
	       str_present(part_named(message, MESSAGE_ENUM, rest)) || declares_message(message, MESSAGE_NESTED, rest);
}

static bool declares_service(struct str file, struct str path)
{
	struct str rest, name = str_cut(path, '.', &rest);
	struct str service = part_named(file, FILE_SERVICE, name);

	return str_present(service) && (!str_present(rest) || str_present(part_named(service, SERVICE_METHOD, rest)));
}

static bool declares(struct str file, struct str symbol)
{
	struct str at = file, package = proto_files_next(&at, FILE_PACKAGE);

	if (!str_present(package) || !str_starts(symbol, package) || symbol.len <= package.len ||
	    symbol.at[package.len] != '.')
		return false;
	struct str path = str_skip(symbol, package.len + 1);
	return declares_message(file, FILE_MESSAGE, path) || declares_service(file, path) ||
	       str_present(part_named(file, FILE_ENUM, path));
}

struct str proto_file_declaring(struct str symbol)
{
	struct str file, rest = proto_files();

	while (str_present(file = proto_files_next(&rest, FILE_SET_FILE)))
		if (declares(file, symbol))
			return file;
	return STR_ABSENT;
}
