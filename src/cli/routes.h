/* SPDX-License-Identifier: MIT */
/* The API as data: routes.def as a table. */
#ifndef CLI_ROUTES_H
#define CLI_ROUTES_H

#include "http/route.h"

extern const struct route routes[];
extern const size_t routes_count;

#endif
