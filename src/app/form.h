/* SPDX-License-Identifier: MIT */
/* Small JSON bodies: an object of a few texts, each known by name. */
#ifndef APP_FORM_H
#define APP_FORM_H

#include "loop/call.h"

struct form_field {
	struct str name;
	struct str *to; /* absent when it was not given; in the call's arena */
	bool required;
};

/*
 * Reads the request's body. NULL, or what is wrong with it: 400 for what is no JSON object and for a required field
 * that is missing, 422 for a field that is unknown or no text. An empty body is an empty object.
 */
const struct problem *form_read(struct call *call, const struct form_field *fields, size_t n);

#endif
