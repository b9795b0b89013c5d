/* SPDX-License-Identifier: MIT */
/* The formats behind image_clean, and the numbers in them. */
#ifndef CODEC_IMAGE_INSIDE_H
#define CODEC_IMAGE_INSIDE_H

#include "codec/image.h"

/* Each appends the copy and fills in width and height; enum image_outcome. `bytes` begin as the type does. */
must_use int image_clean_jpeg(struct str bytes, struct buf *to, struct image *facts);
must_use int image_clean_png(struct str bytes, struct buf *to, struct image *facts);
must_use int image_clean_webp(struct str bytes, struct buf *to, struct image *facts);

/* Numbers at an offset that is known to be within. */
static inline uint32_t byte_at(struct str s, size_t at)
{
	check(at < s.len);
	return (unsigned char)s.at[at];
}
static inline uint32_t be16_at(struct str s, size_t at) { return byte_at(s, at) << 8 | byte_at(s, at + 1); }
static inline uint32_t be32_at(struct str s, size_t at) { return be16_at(s, at) << 16 | be16_at(s, at + 2); }
static inline uint32_t le16_at(struct str s, size_t at) { return byte_at(s, at + 1) << 8 | byte_at(s, at); }
static inline uint32_t le24_at(struct str s, size_t at) { return byte_at(s, at + 2) << 16 | le16_at(s, at); }
static inline uint32_t le32_at(struct str s, size_t at) { return le16_at(s, at + 2) << 16 | le16_at(s, at); }

#endif
