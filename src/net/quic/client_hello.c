/* SPDX-License-Identifier: MIT */
/* Walking through a ClientHello without believing a length in it. */
#include "net/quic/client_hello.h"

#include <mbedtls/ssl.h>

enum {
	CLIENT_HELLO = 1,
	HEADER_LEN = 4,
	VERSION_AND_RANDOM_LEN = 2 + 32,
	TLS13 = 0x0304,
	/* Extensions (IANA) */
	EXT_ALPN = 16,
	EXT_SUPPORTED_VERSIONS = 43,
	EXT_QUIC_TRANSPORT_PARAMS = 57,
	N_COUNTED_EXTENSIONS = 64, /* all that TLS 1.3 and QUIC define as yet */
};

/* What is left to read; once something was missing, everything is. */
struct cursor {
	struct str rest;
	bool torn;
};

static struct str read_bytes(struct cursor *cursor, size_t n)
{
	if (cursor->torn || n > cursor->rest.len) {
		cursor->torn = true;
		return STR("");
	}
	struct str bytes = str_first(cursor->rest, n);
	cursor->rest = str_skip(cursor->rest, n);
	return bytes;
}

/* A big-endian number of n bytes; 0 when torn. */
static size_t read_number(struct cursor *cursor, size_t n)
{
	struct str bytes = read_bytes(cursor, n);
	size_t number = 0;
	for (size_t i = 0; i < bytes.len; i++)
		number = number << 8 | (uint8_t)bytes.at[i];
	return number;
}

/* What is preceded by its length in n bytes. */
static struct str read_vector(struct cursor *cursor, size_t n)
{
	return read_bytes(cursor, read_number(cursor, n));
}

/* What the extensions say. */
struct seen {
	uint64_t types; /* below N_COUNTED_EXTENSIONS, a bit each */
	bool twice;
	struct str versions, alpn, transport_params;
};

static void see_extension(struct seen *seen, size_t type, struct str content)
{
	if (type < N_COUNTED_EXTENSIONS) {
		seen->twice |= seen->types >> type & 1;
		seen->types |= UINT64_C(1) << type;
	}
	if (type == EXT_ALPN)
		seen->alpn = content;
	else if (type == EXT_SUPPORTED_VERSIONS)
		seen->versions = content;
	else if (type == EXT_QUIC_TRANSPORT_PARAMS)
		seen->transport_params = content;
}

static bool walk_extensions(struct str extensions, struct seen *seen)
{
	struct cursor cursor = { .rest = extensions };
	while (cursor.rest.len && !cursor.torn) {
		size_t type = read_number(&cursor, 2);
		struct str content = read_vector(&cursor, 2);
		if (!cursor.torn)
			see_extension(seen, type, content);
	}
	return !cursor.torn;
}

/* RFC 7301, 3.1: at least one name, and none of them empty. */
static bool names_protocols(struct str alpn)
{
	struct cursor cursor = { .rest = alpn };
	struct str list = read_vector(&cursor, 2);
	if (cursor.rest.len || !list.len)
		return false;
	cursor.rest = list;
	while (cursor.rest.len && !cursor.torn)
		cursor.torn |= read_vector(&cursor, 1).len == 0;
	return !cursor.torn;
}

static bool offers_tls13(struct str versions)
{
	struct cursor cursor = { .rest = versions };
	cursor.rest = read_vector(&cursor, 1);
	while (cursor.rest.len && !cursor.torn)
		if (read_number(&cursor, 2) == TLS13)
			return true;
	return false;
}

int client_hello_parse(struct str message, struct client_hello *hello)
{
	struct cursor cursor = { .rest = message };
	struct seen seen = { .types = 0 };

	if (read_number(&cursor, 1) != CLIENT_HELLO)
		return MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE;
	bool whole = read_number(&cursor, HEADER_LEN - 1) == message.len - HEADER_LEN;
	read_bytes(&cursor, VERSION_AND_RANDOM_LEN);
	struct str session_id = read_vector(&cursor, 1);
	read_vector(&cursor, 2); /* cipher suites */
	read_vector(&cursor, 1); /* compression methods */
	/* Those of TLS 1.2 may end here; they are told so below. */
	struct str extensions = cursor.rest.len ? read_vector(&cursor, 2) : STR("");
	if (cursor.torn || cursor.rest.len || !whole || !walk_extensions(extensions, &seen) ||
	    (str_present(seen.alpn) && !names_protocols(seen.alpn)))
		return MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR;
	if (seen.twice)
		return MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER;
	if (!offers_tls13(seen.versions))
		return MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION;
	if (session_id.len)
		return CLIENT_HELLO_VIOLATION;
	if (!str_present(seen.transport_params))
		return MBEDTLS_SSL_ALERT_MSG_MISSING_EXTENSION;
	if (!str_present(seen.alpn))
		return MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL;
	hello->transport_params = seen.transport_params;
	return 0;
}
