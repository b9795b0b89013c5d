/* SPDX-License-Identifier: MIT */
/*
 * Request memory: allocate freely, release once.
 *
 * An arena is born with a byte budget. An allocation over the budget returns NULL and marks the arena
 * exhausted, so that a long chain of calls can be checked once, at its end. The process never aborts for it.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena;

/* An empty arena that may grow to `budget` bytes. NULL when there is no memory. Release with arena_free. */
must_use struct arena *arena_new(size_t budget);
/* Releases the arena and everything in it; NULL is allowed. */
void arena_free(struct arena *arena);
/* Releases everything in it and keeps the first block, so that it is as new and the next use costs no malloc. */
void arena_reset(struct arena *arena);
/* For `owned(arena_drop) struct arena *a = …`. */
void arena_drop(struct arena **arena);

/* Zeroed memory aligned for any type; NULL over the budget. A size of 0 gives a valid pointer. */
must_use void *arena_alloc(struct arena *arena, size_t size);
/* n × size with the product checked. */
must_use void *arena_array(struct arena *arena, size_t n, size_t size);
#define arena_new_of(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

/* Copies; the absent slice over the budget. The copy is NUL-terminated behind its end, for C interfaces. */
struct str arena_copy(struct arena *arena, struct str s);
struct str arena_printf(struct arena *arena, const char *format, ...) printf_like(2, 3);
/* One slice holding all the parts one after another. */
struct str arena_concat(struct arena *arena, const struct str *parts, size_t n);

/* Whether any allocation was refused since birth. */
bool arena_exhausted(const struct arena *arena);
/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);

#endif
