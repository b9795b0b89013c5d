/* SPDX-License-Identifier: MIT */
/* Pictures: a copy is of the same type and size, hardly longer, and its own copy. */
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "codec/image.h"

enum { MAX_SIDE = 4096, MAX_COPY = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void copy_again(struct str bytes, const struct image *facts)
{
	owned(buf_free) struct buf again = buf_of(MAX_COPY);
	struct image same;

	check(image_clean(bytes, MAX_SIDE, &again, &same) == IMAGE_OK);
	check(str_equal(buf_str(&again), bytes));
	check(same.type == facts->type && same.width == facts->width && same.height == facts->height);
}

/* No mutation hits a checksum: those of PNG's chunks are made right, so that what is in them is looked at. */
static void mend_checksums(uint8_t *at, uint8_t *end)
{
	while (end - at >= 12) {
		size_t length = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
		if (length > (size_t)(end - at) - 12)
			return;
		uLong sum = crc32_z(0, at + 4, 4 + length);
		at += 8 + length;
		for (int i = 0; i < 4; i++)
			*at++ = (uint8_t)(sum >> (24 - 8 * i));
	}
}

static void try_one(struct str bytes)
{
	owned(buf_free) struct buf copy = buf_of(MAX_COPY);
	struct image facts;

	if (image_clean(bytes, MAX_SIDE, &copy, &facts))
		return;
	check(facts.type == image_type_of(bytes) && facts.type == image_type_of(buf_str(&copy)));
	check(facts.width > 0 && facts.width <= MAX_SIDE && facts.height > 0 && facts.height <= MAX_SIDE);
	check(copy.len <= bytes.len + IMAGE_GROWTH);
	copy_again(buf_str(&copy), &facts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *mended;

	if (!size)
		return 0;
	try_one((struct str){ (const char *)data, size });
	if (image_type_of((struct str){ (const char *)data, size }) != IMAGE_PNG || !(mended = malloc(size)))
		return 0;
	memcpy(mended, data, size);
	mend_checksums(mended + 8, mended + size);
	try_one((struct str){ (const char *)mended, size });
	free(mended);
	return 0;
}
