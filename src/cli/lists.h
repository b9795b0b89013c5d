/* SPDX-License-Identifier: MIT */
/* Comma-separated settings as lists. */
#ifndef CLI_LISTS_H
#define CLI_LISTS_H

#include "base/arena.h"

/* The trimmed, non-empty parts; slices of `text`, the array in the arena. Empty without memory. */
struct str_list list_of(struct str text, struct arena *arena);

#endif
