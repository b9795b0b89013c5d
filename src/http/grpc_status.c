/* SPDX-License-Identifier: MIT */
/* gRPC's status: what it is called, how it is written, what an HTTP status becomes. */
#include "http/grpc_status.h"

enum { LONGEST_TIMEOUT = 8, LARGEST_DETAILS = 3 * 1024, LONGEST_FIELD = 256 };

static const char *const names[N_GRPC_CODES] = {
	"OK",	    "Canceled",	       "Unknown",	   "InvalidArgument",	"DeadlineExceeded",
	"NotFound", "AlreadyExists",   "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
	"Aborted",  "OutOfRange",      "Unimplemented",	   "Internal",		"Unavailable",
	"DataLoss", "Unauthenticated",
};

const char *grpc_code_name(enum grpc_code code)
{
	return names[code];
}

enum grpc_code grpc_code_of_status(int http_status)
{
	static const struct {
		int status;
		enum grpc_code code;
	} rows[] = {
		{ 400, GRPC_INVALID_ARGUMENT },	   { 401, GRPC_UNAUTHENTICATED },
		{ 403, GRPC_PERMISSION_DENIED },   { 404, GRPC_NOT_FOUND },
		{ 405, GRPC_UNIMPLEMENTED },	   { 406, GRPC_INVALID_ARGUMENT },
		{ 408, GRPC_DEADLINE_EXCEEDED },   { 409, GRPC_ALREADY_EXISTS },
		{ 410, GRPC_NOT_FOUND },	   { 412, GRPC_ABORTED },
		{ 413, GRPC_RESOURCE_EXHAUSTED },  { 415, GRPC_INVALID_ARGUMENT },
		{ 416, GRPC_OUT_OF_RANGE },	   { 417, GRPC_FAILED_PRECONDITION },
		{ 421, GRPC_INVALID_ARGUMENT },	   { 422, GRPC_INVALID_ARGUMENT },
		{ 428, GRPC_FAILED_PRECONDITION }, { 429, GRPC_RESOURCE_EXHAUSTED },
		{ 431, GRPC_RESOURCE_EXHAUSTED },  { 500, GRPC_INTERNAL },
		{ 502, GRPC_UNAVAILABLE },	   { 503, GRPC_UNAVAILABLE },
		{ 504, GRPC_DEADLINE_EXCEEDED },   { 507, GRPC_RESOURCE_EXHAUSTED },
	};

	if (http_status < 400)
		return GRPC_OK;
	for (size_t i = 0; i < countof(rows); i++)
		if (rows[i].status == http_status)
			return rows[i].code;
	return GRPC_UNKNOWN;
}

void grpc_message_encode(struct buf *to, struct str message)
{
	for (size_t i = 0; i < message.len; i++) {
		unsigned char c = (unsigned char)message.at[i];
		if (c >= ' ' && c <= '~' && c != '%')
			buf_add_char(to, (char)c);
		else
			buf_printf(to, "%%%02X", c);
	}
}

/* ── google.rpc.Status, as protobuf ── */

static void add_varint(struct buf *to, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		buf_add_char(to, (char)(value | 0x80));
	buf_add_char(to, (char)value);
}

/* A field of bytes: text, or a message. */
static void add_bytes(struct buf *to, unsigned number, struct str bytes)
{
	enum { LENGTH_DELIMITED = 2 };
	add_varint(to, number << 3 | LENGTH_DELIMITED);
	add_varint(to, bytes.len);
	buf_add(to, bytes);
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* A capital that begins a name is a name of its own: the side "A" of a disc. */
static void add_snake(struct buf *to, struct str field)
{
	for (size_t i = 0; i < field.len; i++) {
		if (is_upper(field.at[i]) && i && (char_is_alpha(field.at[i - 1]) || char_is_digit(field.at[i - 1]))) {
			buf_add_char(to, '_');
			buf_add_char(to, char_lower(field.at[i]));
		} else {
			buf_add_char(to, field.at[i]);
		}
	}
}

static bool add_violation(struct buf *to, const struct field_error *error)
{
	enum { HEAD = 12 };
	owned(buf_free) struct buf field = buf_of(LONGEST_FIELD), violation = buf_of(LARGEST_DETAILS - HEAD);

	add_snake(&field, error->field);
	add_bytes(&violation, 1, buf_str(&field));
	add_bytes(&violation, 2, error->message);
	if (buf_failed(&violation) || violation.len + HEAD > to->max - to->len)
		return false;
	add_bytes(to, 1, buf_str(&violation));
	return true;
}

/* google.protobuf.Any of a google.rpc.BadRequest; as many violations as there is room for: clients bound metadata. */
static void add_bad_request(struct buf *to, const struct field_error *fields)
{
	owned(buf_free) struct buf request = buf_of(LARGEST_DETAILS), any = buf_of(2 * LARGEST_DETAILS);

	while (fields && add_violation(&request, fields))
		fields = fields->next;
	add_bytes(&any, 1, STR("type.googleapis.com/google.rpc.BadRequest"));
	add_bytes(&any, 2, buf_str(&request));
	add_bytes(to, 3, buf_str(&any));
}

void grpc_details_encode(struct buf *to, enum grpc_code code, struct str message, const struct field_error *fields)
{
	enum { CODE = 1 << 3 };
	add_varint(to, CODE);
	add_varint(to, code);
	add_bytes(to, 2, message);
	if (fields)
		add_bad_request(to, fields);
}

/* ── Timeouts ── */

static bool unit_of(char c, int64_t *numerator, int64_t *denominator)
{
	static const struct {
		char unit;
		int64_t numerator, denominator; /* milliseconds */
	} units[] = { { 'H', 3600000, 1 }, { 'M', 60000, 1 }, { 'S', 1000, 1 },
		      { 'm', 1, 1 },	   { 'u', 1, 1000 },  { 'n', 1, 1000000 } };

	for (size_t i = 0; i < countof(units); i++) {
		if (units[i].unit != c)
			continue;
		*numerator = units[i].numerator;
		*denominator = units[i].denominator;
		return true;
	}
	return false;
}

bool grpc_timeout_parse(struct str text, int64_t *ms)
{
	int64_t value, numerator, denominator;

	if (text.len < 2 || text.len > LONGEST_TIMEOUT + 1 || !char_is_digit(text.at[0]) ||
	    !unit_of(text.at[text.len - 1], &numerator, &denominator) ||
	    !str_to_int(str_first(text, text.len - 1), 0, INT64_MAX, &value))
		return false;
	*ms = (value * numerator + denominator - 1) / denominator;
	return true;
}
