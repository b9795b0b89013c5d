/* SPDX-License-Identifier: MIT */
/* From a message to the request that a route of the REST API takes, and from the route's answer to a message. Pure. */
#ifndef APP_GRPC_MAP_H
#define APP_GRPC_MAP_H

#include "codec/proto.h"
#include "http/grpc.h"

/* One method's; the words are those of grpc.def. */
struct grpc_map {
	const ProtobufCMessageDescriptor *request, *response;
	struct str path, query, body, answer;
};

const struct problem *grpc_map_ask(const struct grpc_map *map, struct grpc_ask *ask);
must_use bool grpc_map_tell(const struct grpc_map *map, const struct reply_view *view, struct arena *arena,
			    struct buf *to);

/*
 * For handlers that read their message themselves: takes it apart, and refuses another's user_id. NULL, or the problem.
 */
const struct problem *grpc_map_read(const ProtobufCMessageDescriptor *type, struct str bytes, struct arena *arena,
				    const struct identity *identity, struct proto_message *message);

#endif
