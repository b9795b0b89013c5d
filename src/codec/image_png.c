/* SPDX-License-Identifier: MIT */
/* PNG (W3C, third edition): chunk by chunk, each with a sound checksum; those that are shown are kept. */
#include <zlib.h>

#include "codec/image_inside.h"

enum {
	SIGNATURE = 8,
	OVERHEAD = 12, /* of a chunk: length, type, checksum */
	COLOUR_PALETTE = 3,
	MAX_PROFILE = 256 * 1024, /* compressed */
};

/* Chunks that need not be there and change how the picture looks, with their greatest lengths. */
static const struct {
	struct str type;
	size_t max;
} kept[] = {
	{ STR("tRNS"), 256 }, { STR("gAMA"), 4 }, { STR("cHRM"), 32 }, { STR("sRGB"), 1 },
	{ STR("sBIT"), 4 },   { STR("cICP"), 4 }, { STR("pHYs"), 9 },  { STR("iCCP"), MAX_PROFILE },
};

struct png {
	struct buf *to;
	struct image *facts;
	uint32_t colour;
	bool has_palette, has_data, data_over;
};

struct chunk {
	struct str whole, type, data;
};

static bool next_chunk(struct str *rest, struct chunk *chunk)
{
	if (rest->len < OVERHEAD)
		return false;
	size_t length = be32_at(*rest, 0);
	if (length > rest->len - OVERHEAD)
		return false;
	chunk->whole = str_first(*rest, OVERHEAD + length);
	chunk->type = str_first(str_skip(*rest, 4), 4);
	chunk->data = str_first(str_skip(*rest, 8), length);
	*rest = str_skip(*rest, chunk->whole.len);
	uLong sum = crc32_z(0, (const Bytef *)chunk->type.at, 4 + length);
	return sum == be32_at(chunk->whole, 8 + length);
}

/* The depths that a colour type may have, a bit each. */
static uint32_t depths_of(uint32_t colour)
{
	enum { D1 = 1 << 1, D2 = 1 << 2, D4 = 1 << 4, D8 = 1 << 8, D16 = 1 << 16 };
	static const uint32_t depths[] = {
		D1 | D2 | D4 | D8 | D16, 0, D8 | D16, D1 | D2 | D4 | D8, D8 | D16, 0, D8 | D16
	};
	return colour < countof(depths) ? depths[colour] : 0;
}

static int read_header(struct png *png, const struct chunk *chunk)
{
	struct str data = chunk->data;

	if (!str_equal(chunk->type, STR("IHDR")) || data.len != 13)
		return IMAGE_BROKEN;
	png->facts->width = be32_at(data, 0);
	png->facts->height = be32_at(data, 4);
	png->colour = byte_at(data, 9);
	uint32_t depth = byte_at(data, 8);
	if (!png->facts->width || !png->facts->height || depth > 16 || !(depths_of(png->colour) >> depth & 1))
		return IMAGE_BROKEN;
	if (byte_at(data, 10) || byte_at(data, 11) || byte_at(data, 12) > 1)
		return IMAGE_BROKEN;
	buf_add(png->to, chunk->whole);
	return IMAGE_OK;
}

static bool is_kept(const struct chunk *chunk)
{
	for (size_t i = 0; i < countof(kept); i++)
		if (str_equal(kept[i].type, chunk->type))
			return chunk->data.len <= kept[i].max;
	return false;
}

static int read_palette(struct png *png, const struct chunk *chunk)
{
	if (png->has_palette || png->has_data || !chunk->data.len || chunk->data.len % 3 || chunk->data.len > 3 * 256)
		return IMAGE_BROKEN;
	png->has_palette = true;
	buf_add(png->to, chunk->whole);
	return IMAGE_OK;
}

static int read_data(struct png *png, const struct chunk *chunk)
{
	if (png->data_over || (png->colour == COLOUR_PALETTE && !png->has_palette))
		return IMAGE_BROKEN;
	png->has_data = true;
	buf_add(png->to, chunk->whole);
	return IMAGE_OK;
}

/* What is named in capitals first is needed to show the picture: an unknown one cannot be left out. */
static int read_chunk(struct png *png, const struct chunk *chunk)
{
	if (str_equal(chunk->type, STR("IDAT")))
		return read_data(png, chunk);
	png->data_over = png->has_data;
	if (str_equal(chunk->type, STR("PLTE")))
		return read_palette(png, chunk);
	if (chunk->type.at[0] >= 'A' && chunk->type.at[0] <= 'Z')
		return IMAGE_BROKEN;
	if (!png->has_data && is_kept(chunk))
		buf_add(png->to, chunk->whole);
	return IMAGE_OK;
}

int image_clean_png(struct str bytes, struct buf *to, struct image *facts)
{
	struct png png = { .to = to, .facts = facts };
	struct str rest = str_skip(bytes, SIGNATURE);
	struct chunk chunk;
	int outcome;

	buf_add(to, str_first(bytes, SIGNATURE));
	if (!next_chunk(&rest, &chunk))
		return IMAGE_BROKEN;
	for (outcome = read_header(&png, &chunk); !outcome; outcome = read_chunk(&png, &chunk)) {
		if (!next_chunk(&rest, &chunk))
			return IMAGE_BROKEN;
		if (str_equal(chunk.type, STR("IEND")))
			break;
	}
	if (outcome)
		return outcome;
	if (chunk.data.len || !png.has_data)
		return IMAGE_BROKEN;
	buf_add(to, chunk.whole);
	return IMAGE_OK;
}
