/* SPDX-License-Identifier: MIT */
/* Refcounted immutable bytes. */
#include "base/blob.h"

#include <string.h>

#include "base/memory.h"

struct blob {
	size_t refs;
	struct str bytes;
	char own[];
};

struct blob *blob_copy(struct str s)
{
	struct blob *blob = s.len < SIZE_MAX - sizeof(*blob) ? malloc(sizeof(*blob) + s.len) : NULL;
	if (!blob)
		return NULL;
	blob->refs = 1;
	blob->bytes = (struct str){ blob->own, s.len };
	if (s.len)
		memcpy(blob->own, s.at, s.len);
	return blob;
}

struct blob *blob_static(struct str s)
{
	struct blob *blob = malloc(sizeof(*blob));
	if (blob)
		*blob = (struct blob){ .refs = 1, .bytes = s };
	return blob;
}

struct blob *blob_ref(struct blob *blob)
{
	check(blob->refs > 0);
	blob->refs++;
	return blob;
}

void blob_unref(struct blob *blob)
{
	if (!blob)
		return;
	check(blob->refs > 0);
	if (--blob->refs == 0)
		free(blob);
}

void blob_drop(struct blob **blob)
{
	blob_unref(*blob);
	*blob = NULL;
}

struct str blob_str(const struct blob *blob)
{
	return blob->bytes;
}

size_t blob_weight(const struct blob *blob)
{
	return memory_weight(blob);
}
