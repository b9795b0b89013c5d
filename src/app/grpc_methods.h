/* SPDX-License-Identifier: MIT */
/* The methods of gRPC (grpc.def) for the transport, and the handlers of those that stand for no route. */
#ifndef APP_GRPC_METHODS_H
#define APP_GRPC_METHODS_H

#include "http/grpc.h"

extern const struct grpc_method grpc_methods[];
extern const size_t n_grpc_methods;

#define CALL(package, service, method, message, path, query, body, answer)
#define OWN(path, type, gate, rate, handler, sentence) struct turn handler(struct call *call);
#include "app/grpc.def"
#undef CALL
#undef OWN

#endif
