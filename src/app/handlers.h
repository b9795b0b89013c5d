/* SPDX-License-Identifier: MIT */
/* Prototypes of all handlers, made from the API's one page. */
#ifndef APP_HANDLERS_H
#define APP_HANDLERS_H

#include "loop/call.h"

#define ROUTE(method, path, rpc, gate, body_limit, rate, flags, handler, sentence) struct turn handler(struct call *call);
#include "routes.def"
#undef ROUTE

#endif
