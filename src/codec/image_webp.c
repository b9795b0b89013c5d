/* SPDX-License-Identifier: MIT */
/* WebP (RFC 9649): a RIFF file of chunks, of which the still picture, its alpha and its colours are kept. */
#include "codec/image_inside.h"

enum {
	RIFF_HEAD = 12,
	CHUNK_HEAD = 8,
	EXTENDED = 10, /* bytes of VP8X */
	FLAG_ANIMATED = 0x02,
	FLAG_ALPHA = 0x10,
	FLAG_PROFILE = 0x20,
};

struct webp {
	struct str rest;
	struct str profile, alpha, picture; /* whole chunks; absent */
	struct str extended;		    /* data of VP8X; absent for a simple file */
	struct image *facts;
};

struct chunk {
	struct str whole, name, data; /* whole: without the padding */
};

static bool next_chunk(struct webp *webp, struct chunk *chunk)
{
	if (webp->rest.len < CHUNK_HEAD)
		return false;
	size_t length = le32_at(webp->rest, 4);
	if (length > webp->rest.len - CHUNK_HEAD)
		return false;
	chunk->whole = str_first(webp->rest, CHUNK_HEAD + length);
	chunk->name = str_first(chunk->whole, 4);
	chunk->data = str_skip(chunk->whole, CHUNK_HEAD);
	webp->rest = str_skip(webp->rest, CHUNK_HEAD + length + length % 2);
	return true;
}

/* A key frame of VP8 (RFC 6386 section 9.1). */
static bool read_lossy(struct image *facts, struct str data)
{
	if (data.len < 10 || byte_at(data, 0) & 1 || !str_starts(str_skip(data, 3), STR("\x9d\x01\x2a")))
		return false;
	facts->width = le16_at(data, 6) & 0x3fff;
	facts->height = le16_at(data, 8) & 0x3fff;
	return le24_at(data, 0) >> 5 <= data.len - 10;
}

static bool read_lossless(struct image *facts, struct str data)
{
	if (data.len < 5 || byte_at(data, 0) != 0x2f || byte_at(data, 4) >> 5)
		return false;
	facts->width = 1 + (le16_at(data, 1) & 0x3fff);
	facts->height = 1 + (le32_at(data, 1) >> 14 & 0x3fff);
	return true;
}

static int read_picture(struct webp *webp, const struct chunk *chunk)
{
	struct str data = chunk->data;
	bool lossless = str_equal(chunk->name, STR("VP8L"));

	if (str_present(webp->picture) || (lossless && str_present(webp->alpha)))
		return IMAGE_BROKEN;
	if (!(lossless ? read_lossless(webp->facts, data) : read_lossy(webp->facts, data)))
		return IMAGE_BROKEN;
	webp->picture = chunk->whole;
	return webp->facts->width && webp->facts->height ? IMAGE_OK : IMAGE_BROKEN;
}

static int keep_once(struct str *place, const struct webp *webp, const struct chunk *chunk)
{
	if (str_present(*place) || str_present(webp->picture))
		return IMAGE_BROKEN;
	*place = chunk->whole;
	return IMAGE_OK;
}

static int read_extended(struct webp *webp, const struct chunk *chunk)
{
	if (str_present(webp->extended) || chunk->data.len != EXTENDED)
		return IMAGE_BROKEN;
	webp->extended = chunk->data;
	return byte_at(chunk->data, 0) & FLAG_ANIMATED ? IMAGE_ANIMATED : IMAGE_OK;
}

static int read_chunk(struct webp *webp, const struct chunk *chunk, bool first)
{
	bool picture = str_equal(chunk->name, STR("VP8 ")) || str_equal(chunk->name, STR("VP8L"));

	if (picture)
		return read_picture(webp, chunk);
	if (str_equal(chunk->name, STR("VP8X")))
		return first ? read_extended(webp, chunk) : IMAGE_BROKEN;
	if (!str_present(webp->extended))
		return IMAGE_BROKEN;
	if (str_equal(chunk->name, STR("ICCP")))
		return keep_once(&webp->profile, webp, chunk);
	if (str_equal(chunk->name, STR("ALPH")))
		return keep_once(&webp->alpha, webp, chunk);
	return str_equal(chunk->name, STR("ANIM")) || str_equal(chunk->name, STR("ANMF")) ? IMAGE_ANIMATED : IMAGE_OK;
}

static void put_chunk(struct buf *to, struct str whole)
{
	if (!str_present(whole))
		return;
	buf_add(to, whole);
	if (whole.len % 2)
		buf_add_char(to, 0);
}

static void put_extended(struct buf *to, const struct webp *webp)
{
	char data[EXTENDED];
	uint32_t kept = str_present(webp->profile) ? FLAG_PROFILE | FLAG_ALPHA : FLAG_ALPHA;

	for (size_t i = 0; i < EXTENDED; i++)
		data[i] = i && i < 4 ? 0 : webp->extended.at[i];
	data[0] = (char)(byte_at(webp->extended, 0) & kept);
	buf_add(to, STR("VP8X\x0a\0\0\0"));
	buf_add(to, (struct str){ data, sizeof(data) });
}

static void put_file(struct buf *to, const struct webp *webp)
{
	size_t from = to->len;

	buf_add(to, STR("RIFF\0\0\0\0WEBP"));
	if (str_present(webp->extended))
		put_extended(to, webp);
	put_chunk(to, webp->profile);
	put_chunk(to, webp->alpha);
	put_chunk(to, webp->picture);
	if (buf_failed(to))
		return;
	size_t length = to->len - from - 8;
	for (size_t i = 0; i < 4; i++)
		to->at[from + 4 + i] = (char)(length >> (8 * i));
}

int image_clean_webp(struct str bytes, struct buf *to, struct image *facts)
{
	size_t length = bytes.len >= RIFF_HEAD ? le32_at(bytes, 4) : 0;
	struct webp webp = { .facts = facts };
	struct chunk chunk;

	if (length < 4 || length > bytes.len - 8)
		return IMAGE_BROKEN;
	webp.rest = str_skip(str_first(bytes, 8 + length), RIFF_HEAD);
	for (bool first = true; webp.rest.len; first = false) {
		int outcome = next_chunk(&webp, &chunk) ? read_chunk(&webp, &chunk, first) : IMAGE_BROKEN;
		if (outcome)
			return outcome;
		if (!str_present(webp.extended))
			break; /* a simple file is its picture; what follows is not shown */
	}
	if (!str_present(webp.picture))
		return IMAGE_BROKEN;
	if (str_present(webp.extended) &&
	    (le24_at(webp.extended, 4) + 1 != facts->width || le24_at(webp.extended, 7) + 1 != facts->height))
		return IMAGE_BROKEN;
	put_file(to, &webp);
	return IMAGE_OK;
}
