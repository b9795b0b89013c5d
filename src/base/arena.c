/* SPDX-License-Identifier: MIT */
/* Request memory: a chain of blocks, each twice the last up to a maximum. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <string.h>

enum { FIRST_BLOCK = 4096 - 64, LARGEST_BLOCK = 256 * 1024 };

struct block {
	struct block *older;
	size_t size;
	size_t used;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *newest;
	size_t budget;
	size_t used;
	bool exhausted;
};

struct arena *arena_new(size_t budget)
{
	struct arena *arena = calloc(1, sizeof(*arena));
	if (arena)
		arena->budget = budget;
	return arena;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	for (struct block *block = arena->newest; block;) {
		struct block *older = block->older;
		free(block);
		block = older;
	}
	free(arena);
}

void arena_reset(struct arena *arena)
{
	struct block *block = arena->newest;
	for (struct block *older; block && (older = block->older); block = older)
		free(block);
	if (block && block->size > FIRST_BLOCK) {
		free(block);
		block = NULL;
	}
	if (block)
		block->used = 0;
	arena->newest = block;
	arena->used = 0;
	arena->exhausted = false;
}

void arena_drop(struct arena **arena)
{
	arena_free(*arena);
	*arena = NULL;
}

static struct block *block_add(struct arena *arena, size_t at_least)
{
	size_t size = arena->newest ? arena->newest->size * 2 : FIRST_BLOCK;
	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < at_least)
		size = at_least;
	struct block *block = malloc(sizeof(*block) + size);
	if (!block)
		return NULL;
	block->older = arena->newest;
	block->size = size;
	block->used = 0;
	arena->newest = block;
	return block;
}

static void *refuse(struct arena *arena)
{
	arena->exhausted = true;
	return NULL;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	if (size > arena->budget || arena->used > arena->budget - size)
		return refuse(arena);
	size_t rounded = (size + align - 1) & ~(align - 1);
	struct block *block = arena->newest;
	if (!block || block->size - block->used < rounded)
		block = block_add(arena, rounded);
	if (!block)
		return refuse(arena);
	void *at = block->bytes + block->used;
	block->used += rounded;
	arena->used += rounded;
	memset(at, 0, rounded);
	return at;
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(n, size, &total))
		return refuse(arena);
	return arena_alloc(arena, total);
}

struct str arena_copy(struct arena *arena, struct str s)
{
	return s.at ? arena_concat(arena, &s, 1) : s;
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
	char most[256]; /* are shorter: formatted once */
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(most, sizeof(most), format, args);
	va_end(args);
	char *at = len < 0 ? NULL : arena_alloc(arena, (size_t)len + 1);
	if (at && (size_t)len < sizeof(most))
		memcpy(at, most, (size_t)len + 1);
	else if (at)
		vsnprintf(at, (size_t)len + 1, format, again);
	va_end(again);
	return at ? (struct str){ at, (size_t)len } : STR_ABSENT;
}

struct str arena_concat(struct arena *arena, const struct str *parts, size_t n)
{
	size_t len = 0;
	for (size_t i = 0; i < n; i++)
		len += parts[i].len;
	char *at = arena_alloc(arena, len + 1);
	if (!at)
		return STR_ABSENT;
	char *end = at;
	for (size_t i = 0; i < n; i++)
		end = parts[i].len ? (char *)mempcpy(end, parts[i].at, parts[i].len) : end;
	return (struct str){ at, len };
}

bool arena_exhausted(const struct arena *arena)
{
	return arena->exhausted;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}
