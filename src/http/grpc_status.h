/* SPDX-License-Identifier: MIT */
/* gRPC's status: codes, how problems map to them, and how they are written; and its timeouts. Pure. */
#ifndef HTTP_GRPC_STATUS_H
#define HTTP_GRPC_STATUS_H

#include "base/buf.h"
#include "base/problem.h"

enum grpc_code {
	GRPC_OK,
	GRPC_CANCELLED,
	GRPC_UNKNOWN,
	GRPC_INVALID_ARGUMENT,
	GRPC_DEADLINE_EXCEEDED,
	GRPC_NOT_FOUND,
	GRPC_ALREADY_EXISTS,
	GRPC_PERMISSION_DENIED,
	GRPC_RESOURCE_EXHAUSTED,
	GRPC_FAILED_PRECONDITION,
	GRPC_ABORTED,
	GRPC_OUT_OF_RANGE,
	GRPC_UNIMPLEMENTED,
	GRPC_INTERNAL,
	GRPC_UNAVAILABLE,
	GRPC_DATA_LOSS,
	GRPC_UNAUTHENTICATED,
	N_GRPC_CODES,
};

/* "OK", "Canceled", "InvalidArgument": as the ecosystem's metrics spell it. */
const char *grpc_code_name(enum grpc_code code);
/* The code of an HTTP status (contract, section 8): 404 is NOT_FOUND. Below 400: OK. */
enum grpc_code grpc_code_of_status(int http_status);

/* grpc-message: what is not visible ASCII, and '%', percent-encoded. */
void grpc_message_encode(struct buf *to, struct str message);
/*
 * A google.rpc.Status with a google.rpc.BadRequest of the fields, for grpc-status-details-bin. Fields are spelled as
 * protobuf does: mediaPieces[1].discGrade becomes media_pieces[1].disc_grade.
 */
void grpc_details_encode(struct buf *to, enum grpc_code code, struct str message, const struct field_error *fields);

/* grpc-timeout ("250m"): at most eight digits and one of H M S m u n. False: malformed. Rounded up to whole milliseconds. */
must_use bool grpc_timeout_parse(struct str text, int64_t *ms);

#endif
