/* SPDX-License-Identifier: MIT */
/*
 * gRPC: methods as a table, over the same exchanges, routes and handlers as REST.
 *
 * A request whose content type is application/grpc or application/grpc-web is an exchange like any other; what differs
 * is how its handler is found and how messages are framed. It is told to the server as a row of `struct grpc_method`:
 *
 * - A unary method that stands for a route (the one whose `rpc` in routes.def names it) has two pure functions: `ask`
 *   makes the request that the route's handler expects of the client's message, `tell` makes the message of the
 *   handler's answer. The handler never learns of it; gate, limits, idempotency, cache and metrics are the route's.
 * - Any other method brings a route of its own (`own`), whose handler takes and sends messages by the functions here.
 *
 * The transport does framing, compression, metadata, deadlines and the status. A problem becomes a status by
 * grpc_code_of_status; a 422's fields become a google.rpc.BadRequest.
 *
 *	struct turn records_stream(struct call *call)          { … return store_…(call, …, STEP(stream_page)); }
 *	static struct turn stream_page(struct call *call)
 *	{
 *		for each row: pack it into grpc_room(call, size)
 *		return more ? grpc_flush(call, STEP(stream_next)) : grpc_end(call);
 *	}
 */
#ifndef HTTP_GRPC_H
#define HTTP_GRPC_H

#include "auth/identity.h"
#include "base/buf.h"
#include "http/grpc_status.h"
#include "http/http.h"
#include "http/route.h"

enum grpc_type { GRPC_UNARY, GRPC_CLIENT_STREAM, GRPC_SERVER_STREAM, GRPC_BIDI_STREAM };

/* What a message asks of the route that its method stands for. */
struct grpc_ask {
	struct arena *arena;		 /* of the call: for what is made */
	const struct identity *identity; /* who asks; NULL where the gate is open */
	struct str message;		 /* whole, uncompressed; valid as long as the call */

	/* To be filled in; all absent and 0 to begin with. */
	struct str path_params[HTTP_MAX_PATH_PARAMS]; /* "{id}" in the route's order */
	struct http_param *params;		      /* of the query */
	size_t n_params;
	struct str body; /* JSON, for a route that takes one */
};

struct grpc_method {
	struct str path; /* "/records.RecordsService/GetRecord" */
	enum grpc_type type;

	/* NULL, or the problem that answers (malformed protobuf: BAD_REQUEST; user_id of another: FORBIDDEN). */
	const struct problem *(*ask)(struct grpc_ask *ask);
	/*
	 * Appends the message of an answer whose status is below 400. False when the answer is not what was expected:
	 * the client gets INTERNAL. Must depend on the method and the view alone: what is made of a cached answer is
	 * kept with it. `arena` is for work on the way.
	 */
	bool (*tell)(const struct reply_view *view, struct arena *arena, struct buf *message);

	/*
	 * When no route names this method: its gate, rate class, handler and name are looked at, and body_limit as the
	 * limit of a message (0: grpc.max_message alone).
	 */
	struct route own;
};

/* ── For handlers of methods with routes of their own ── */

/*
 * The message that the handler was started with (unary, server stream), or that grpc_receive has delivered: valid until
 * the next is received. Absent: the client sends no more.
 */
struct str grpc_message(const struct call *call);
/* The client's next message goes to `next`, once it is there; it may send no further until then than its window. */
must_use struct turn grpc_receive(struct call *call, struct step next);

/* Room for a message of exactly `size` bytes, the last of those that the next grpc_flush sends; NULL without memory. */
must_use void *grpc_room(struct call *call, size_t size);
/* Sends what there is, the head before it; goes on when there is room for more. With nothing there, the head alone. */
must_use struct turn grpc_flush(struct call *call, struct step next);
/* One message, copied: grpc_room and grpc_flush. */
must_use struct turn grpc_send(struct call *call, struct str message, struct step next);
/* Sends what is left, and status OK. */
must_use struct turn grpc_end(struct call *call);
/* One message and status OK: the answer of a unary method or a client stream. */
must_use struct turn grpc_reply(struct call *call, struct str message);
/* Ends the call with a status; call_fail does the same by a problem. `message` is for the client. */
must_use struct turn grpc_fail(struct call *call, enum grpc_code code, struct str message);

/* ── Metadata: request_header reads, reply_header writes what goes with the head ── */

/* What goes with the status; the rules of reply_header. */
void grpc_trailer(struct call *call, struct str name, struct str value);
/* The value of a "…-bin" name for reply_header and grpc_trailer, in the call's arena. */
struct str grpc_binary(struct call *call, struct str bytes);
/* The bytes of a "…-bin" name of the request; absent when it is not there, or no base64. */
struct str grpc_header_binary(struct call *call, struct str name);

#endif
