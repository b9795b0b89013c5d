/* SPDX-License-Identifier: MIT */
/*
 * Pictures from strangers, as JPEG, PNG or WebP: what they are, how large, and a copy with nothing in it but what is
 * shown. Their structure is read to the end; their pixels are not decoded.
 *
 * A copy keeps the picture's own data, its colours (ICC profile and the like) and how a camera was held; EXIF, XMP,
 * comments, thumbnails, further frames and whatever follows the picture's end are left out.
 */
#ifndef CODEC_IMAGE_H
#define CODEC_IMAGE_H

#include "base/buf.h"

enum image_type { IMAGE_UNKNOWN, IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP };

struct image {
	enum image_type type;
	uint32_t width, height; /* as stored */
};

enum image_outcome {
	IMAGE_OK = 0,
	IMAGE_FOREIGN = 1,     /* none of these types */
	IMAGE_BROKEN = 2,      /* cut short, or against the format */
	IMAGE_UNSUPPORTED = 3, /* of a kind that browsers do not show: lossless JPEG, 12 bits a sample, … */
	IMAGE_ANIMATED = 4,
	IMAGE_TOO_LARGE = 5, /* a side is over the limit */
	IMAGE_NO_ROOM = 6,   /* without memory, or over the buffer's maximum */
};

enum { IMAGE_GROWTH = 64 }; /* bytes by which a copy may be longer */

/* By the first bytes, of which twelve are enough. */
enum image_type image_type_of(struct str bytes);
/* "image/jpeg"; absent for IMAGE_UNKNOWN. */
struct str image_media_type(enum image_type type);
/* The type of a content-type, whatever its parameters and case. */
enum image_type image_type_named(struct str media_type);

/* Appends the copy; *facts tell of the picture. A copy of a copy is the same. */
must_use int image_clean(struct str bytes, uint32_t max_side, struct buf *to, struct image *facts);

#endif
