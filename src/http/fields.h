/* SPDX-License-Identifier: MIT */
/* The fields of HTTP/2's and HTTP/3's messages: pseudo-fields, what a head announces, what is worth indexing. */
#ifndef HTTP_FIELDS_H
#define HTTP_FIELDS_H

#include "http/exchange.h"

/* A field as it came: the part of the request that a pseudo-field names, or a header row. False over a limit. */
must_use bool fields_add(struct exchange *exchange, struct str name, struct str value);
/* Bytes of the body as told by content-length, or -1. */
int64_t fields_length(const struct request *request);
/* The client waits for "100 Continue" before it sends the body. */
bool fields_expect_continue(const struct request *request);
/* Values of this field are never the same twice: they would only push better ones out of the peer's table. */
bool field_is_unique(struct str name);

#endif
