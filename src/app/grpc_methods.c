/* SPDX-License-Identifier: MIT */
/* grpc.def as a table. */
#include "app/grpc_methods.h"

#include "app/grpc_map.h"
#include "auth.pb-c.h"
#include "records.pb-c.h"

enum { OWN_MESSAGE = 64 * 1024 };

/* Each method that stands for a route: how its messages and the route's requests and answers are made of each other. */
#define OWN(path_, type_, gate_, rate_, handler_, sentence_)
#define CALL(package, service, method, message, path_, query_, body_, answer_)                         \
	static const struct grpc_map message##_map = {                                                 \
		.request = &package##__##message##_request__descriptor,                                \
		.response = &package##__##message##_response__descriptor,                              \
		.path = STR(path_),                                                                    \
		.query = STR(query_),                                                                  \
		.body = STR(body_),                                                                    \
		.answer = STR(answer_),                                                                \
	};                                                                                             \
	static const struct problem *message##_ask(struct grpc_ask *ask)                               \
	{                                                                                              \
		return grpc_map_ask(&message##_map, ask);                                              \
	}                                                                                              \
	static bool message##_tell(const struct reply_view *view, struct arena *arena, struct buf *to) \
	{                                                                                              \
		return grpc_map_tell(&message##_map, view, arena, to);                                 \
	}
#include "app/grpc.def"
#undef CALL
#undef OWN

const struct grpc_method grpc_methods[] = {
#define CALL(package, service, method, message, path_, query, body, answer) \
	{ .path = STR("/" #package "." #service "/" #method),               \
	  .type = GRPC_UNARY,                                               \
	  .ask = message##_ask,                                             \
	  .tell = message##_tell },
#define OWN(path_, type_, gate_, rate_, handler_, sentence_) \
	{ .path = STR(path_),                                \
	  .type = GRPC_##type_,                              \
	  .own = { .method = HTTP_POST,                      \
		   .path = STR(path_),                       \
		   .gate = GATE_##gate_,                     \
		   .body_limit = OWN_MESSAGE,                \
		   .rate = RATE_##rate_,                     \
		   .flags = ROUTE_READS,                     \
		   .handler = handler_,                      \
		   .name = #handler_,                        \
		   .sentence = STR(sentence_) } },
#include "app/grpc.def"
#undef CALL
#undef OWN
};
const size_t n_grpc_methods = countof(grpc_methods);
