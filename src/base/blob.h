/* SPDX-License-Identifier: MIT */
/*
 * Immutable bytes with a reference count: what outlives a request (a cached answer, an asset, a queued body).
 * Counts are not atomic: a blob stays on the loop's thread, or is handed over whole.
 */
#ifndef BASE_BLOB_H
#define BASE_BLOB_H

#include "base/str.h"

struct blob;

/* A copy of s with one reference; NULL without memory. */
must_use struct blob *blob_copy(struct str s);
/* A blob of static bytes that are never freed (assets); NULL without memory. */
must_use struct blob *blob_static(struct str s);
struct blob *blob_ref(struct blob *blob);
/* Gives one reference back; NULL is allowed. */
void blob_unref(struct blob *blob);
/* For `owned(blob_drop) struct blob *b = …`. */
void blob_drop(struct blob **blob);
struct str blob_str(const struct blob *blob);
/* What it takes of memory, its own head and the allocator's included. */
size_t blob_weight(const struct blob *blob);

#endif
