/* SPDX-License-Identifier: MIT */
/* What the allocator really gave, for bounds that are to hold in bytes of memory. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <malloc.h>
#include <stdlib.h>

/* Bytes that an allocation takes, with the allocator's own head; 0 for NULL. */
static inline size_t memory_weight(const void *allocation)
{
	return allocation ? malloc_usable_size((void *)(size_t)allocation) + sizeof(size_t) : 0;
}

/* For `owned(memory_free) void *p = …`. */
static inline void memory_free(void *at)
{
	free(*(void **)at);
}

#endif
