/* SPDX-License-Identifier: MIT */
/* JPEG (ITU-T T.81): segment by segment, those that make the picture are kept. */
#include <string.h>

#include "codec/image_inside.h"

enum {
	SOF0 = 0xc0, /* baseline */
	SOF2 = 0xc2, /* progressive; between them the extended one */
	DHT = 0xc4,
	JPG = 0xc8,
	DAC = 0xcc,
	SOF15 = 0xcf,
	RST0 = 0xd0,
	RST7 = 0xd7,
	EOI = 0xd9,
	SOS = 0xda,
	DQT = 0xdb,
	DRI = 0xdd,
	APP0 = 0xe0,
	APP1 = 0xe1,
	APP2 = 0xe2,
	APP14 = 0xee,
	APP15 = 0xef,
	COM = 0xfe,
};

enum {
	MAX_COMPONENTS = 4,
	MAX_SCANS = 100, /* more would only keep a decoder busy */
	JFIF_LENGTH = 14,
	ADOBE_LENGTH = 12,
	ICC_HEAD = 14, /* before the profile's bytes: name, number, count */
};

struct jpeg {
	struct str rest;
	struct buf *to;
	struct image *facts;
	unsigned n_components; /* 0: no frame yet */
	unsigned char components[MAX_COMPONENTS];
	unsigned n_scans;
	bool has_jfif, has_adobe, has_orientation;
};

static void put_segment(struct jpeg *jpeg, uint32_t marker, struct str payload)
{
	size_t length = payload.len + 2;
	const char head[] = { (char)0xff, (char)marker, (char)(length >> 8), (char)length };

	buf_add(jpeg->to, (struct str){ head, sizeof(head) });
	buf_add(jpeg->to, payload);
}

/* ── What the picture is made of ── */

static int read_frame(struct jpeg *jpeg, uint32_t marker, struct str payload)
{
	if (marker > SOF2)
		return IMAGE_UNSUPPORTED;
	if (jpeg->n_components || payload.len < 6)
		return IMAGE_BROKEN;
	if (byte_at(payload, 0) != 8)
		return IMAGE_UNSUPPORTED;
	jpeg->facts->height = be16_at(payload, 1);
	jpeg->facts->width = be16_at(payload, 3);
	unsigned n = byte_at(payload, 5);
	if (n == 0 || n > MAX_COMPONENTS || payload.len != 6 + 3 * (size_t)n || !jpeg->facts->height ||
	    !jpeg->facts->width)
		return IMAGE_BROKEN;
	for (unsigned i = 0; i < n; i++) {
		uint32_t sampling = byte_at(payload, 7 + 3 * i), h = sampling >> 4, v = sampling & 15;
		if (h < 1 || h > 4 || v < 1 || v > 4 || byte_at(payload, 8 + 3 * i) > 3)
			return IMAGE_BROKEN;
		jpeg->components[i] = (unsigned char)byte_at(payload, 6 + 3 * i);
	}
	jpeg->n_components = n;
	put_segment(jpeg, marker, payload);
	return IMAGE_OK;
}

static bool are_quantisers(struct str payload)
{
	while (payload.len) {
		uint32_t what = byte_at(payload, 0), wide = what >> 4;
		size_t length = 1 + 64 * (1 + (size_t)wide);
		if (wide > 1 || (what & 15) > 3 || payload.len < length)
			return false;
		payload = str_skip(payload, length);
	}
	return true;
}

static bool are_huffman_tables(struct str payload)
{
	while (payload.len) {
		size_t n = 0;
		if (payload.len < 17 || byte_at(payload, 0) >> 4 > 1 || (byte_at(payload, 0) & 15) > 3)
			return false;
		for (size_t i = 1; i <= 16; i++)
			n += byte_at(payload, i);
		if (n > 256 || payload.len < 17 + n)
			return false;
		payload = str_skip(payload, 17 + n);
	}
	return true;
}

static bool is_component(const struct jpeg *jpeg, uint32_t id)
{
	for (unsigned i = 0; i < jpeg->n_components; i++)
		if (jpeg->components[i] == id)
			return true;
	return false;
}

static bool is_scan(const struct jpeg *jpeg, struct str payload)
{
	unsigned n = payload.len ? byte_at(payload, 0) : 0;

	if (n == 0 || n > jpeg->n_components || payload.len != 4 + 2 * (size_t)n)
		return false;
	for (unsigned i = 0; i < n; i++) {
		uint32_t tables = byte_at(payload, 2 + 2 * i);
		if (!is_component(jpeg, byte_at(payload, 1 + 2 * i)) || tables >> 4 > 3 || (tables & 15) > 3)
			return false;
	}
	return true;
}

/* Coded data goes on to the next marker that is neither a stuffed zero nor a restart. */
static size_t coded_length(struct str data)
{
	size_t at = 0;

	for (;;) {
		const char *ff = at < data.len ? memchr(data.at + at, 0xff, data.len - at) : NULL;
		if (!ff || ff + 1 == data.at + data.len)
			return SIZE_MAX;
		at = (size_t)(ff - data.at);
		uint32_t next = byte_at(data, at + 1);
		if (next != 0 && next != 0xff && (next < RST0 || next > RST7))
			return at;
		at += next == 0xff ? 1 : 2;
	}
}

static int read_scan(struct jpeg *jpeg, struct str payload)
{
	if (!jpeg->n_components || !is_scan(jpeg, payload))
		return IMAGE_BROKEN;
	if (++jpeg->n_scans > MAX_SCANS)
		return IMAGE_UNSUPPORTED;
	size_t length = coded_length(jpeg->rest);
	if (length == SIZE_MAX)
		return IMAGE_BROKEN;
	put_segment(jpeg, SOS, payload);
	buf_add(jpeg->to, str_first(jpeg->rest, length));
	jpeg->rest = str_skip(jpeg->rest, length);
	return IMAGE_OK;
}

/* ── What is said about it ── */

static uint32_t tiff16(struct str tiff, size_t at, bool big)
{
	return big ? be16_at(tiff, at) : le16_at(tiff, at);
}

/* How the camera was held (1 to 8), from the first directory of EXIF's TIFF; 1 where it does not say. */
static uint32_t orientation_of(struct str tiff)
{
	enum { ENTRY = 12, TAG_ORIENTATION = 0x112, TYPE_SHORT = 3 };
	bool big = str_starts(tiff, STR("MM"));

	if (tiff.len < 8 || (!big && !str_starts(tiff, STR("II"))))
		return 1;
	size_t at = big ? be32_at(tiff, 4) : le32_at(tiff, 4);
	if (at > tiff.len - 2)
		return 1;
	size_t n = tiff16(tiff, at, big);
	for (at += 2; n > 0 && tiff.len >= ENTRY && at <= tiff.len - ENTRY; n--, at += ENTRY) {
		if (tiff16(tiff, at, big) != TAG_ORIENTATION || tiff16(tiff, at + 2, big) != TYPE_SHORT)
			continue;
		uint32_t orientation = tiff16(tiff, at + 8, big);
		return orientation >= 1 && orientation <= 8 ? orientation : 1;
	}
	return 1;
}

/* Of EXIF only the orientation is the picture's; the segment is made anew around it. */
static void keep_orientation(struct jpeg *jpeg, struct str payload)
{
	char exif[] = "Exif\0\0MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\0\0\0\0\0\0";
	uint32_t orientation = orientation_of(str_skip(payload, 6));

	if (jpeg->has_orientation || orientation == 1)
		return;
	jpeg->has_orientation = true;
	exif[25] = (char)orientation;
	put_segment(jpeg, APP1, (struct str){ exif, sizeof(exif) });
}

/* Without its thumbnail. */
static void keep_jfif(struct jpeg *jpeg, struct str payload)
{
	char jfif[JFIF_LENGTH] = { 0 };

	if (jpeg->has_jfif || payload.len < JFIF_LENGTH)
		return;
	jpeg->has_jfif = true;
	memcpy(jfif, payload.at, JFIF_LENGTH - 2);
	put_segment(jpeg, APP0, (struct str){ jfif, sizeof(jfif) });
}

static void keep_adobe(struct jpeg *jpeg, struct str payload)
{
	if (jpeg->has_adobe || payload.len < ADOBE_LENGTH)
		return;
	jpeg->has_adobe = true;
	put_segment(jpeg, APP14, str_first(payload, ADOBE_LENGTH));
}

/* A profile may go on over several segments, the first of which has its signature. */
static bool is_profile(struct str payload)
{
	static const struct str signature = STR("acsp");
	if (!str_starts(payload, STR("ICC_PROFILE\0")) || payload.len < ICC_HEAD)
		return false;
	return byte_at(payload, 12) != 1 || str_starts(str_skip(payload, ICC_HEAD + 36), signature);
}

static void read_application(struct jpeg *jpeg, uint32_t marker, struct str payload)
{
	if (marker == APP0 && str_starts(payload, STR("JFIF\0")))
		keep_jfif(jpeg, payload);
	else if (marker == APP1 && str_starts(payload, STR("Exif\0\0")))
		keep_orientation(jpeg, payload);
	else if (marker == APP2 && is_profile(payload))
		put_segment(jpeg, marker, payload);
	else if (marker == APP14 && str_starts(payload, STR("Adobe")))
		keep_adobe(jpeg, payload);
}

/* ── Segments ── */

/* The next marker, fill bytes before it skipped; 0 where none is. */
static uint32_t next_marker(struct jpeg *jpeg)
{
	if (!str_starts(jpeg->rest, STR("\xff")))
		return 0;
	while (str_starts(jpeg->rest, STR("\xff")))
		jpeg->rest = str_skip(jpeg->rest, 1);
	uint32_t marker = jpeg->rest.len ? byte_at(jpeg->rest, 0) : 0;
	jpeg->rest = str_skip(jpeg->rest, 1);
	return marker;
}

static int keep_if(struct jpeg *jpeg, uint32_t marker, struct str payload, bool sound)
{
	if (!sound)
		return IMAGE_BROKEN;
	put_segment(jpeg, marker, payload);
	return IMAGE_OK;
}

static int read_segment(struct jpeg *jpeg, uint32_t marker)
{
	size_t length = jpeg->rest.len >= 2 ? be16_at(jpeg->rest, 0) : 0;

	if (length < 2 || length > jpeg->rest.len)
		return IMAGE_BROKEN;
	struct str payload = str_skip(str_first(jpeg->rest, length), 2);
	jpeg->rest = str_skip(jpeg->rest, length);
	if (marker == DHT)
		return keep_if(jpeg, marker, payload, are_huffman_tables(payload));
	if (marker == DQT)
		return keep_if(jpeg, marker, payload, are_quantisers(payload));
	if (marker == DRI)
		return keep_if(jpeg, marker, payload, payload.len == 2);
	if (marker == SOS)
		return read_scan(jpeg, payload);
	if (marker >= SOF0 && marker <= SOF15)
		return marker == JPG || marker == DAC ? IMAGE_UNSUPPORTED : read_frame(jpeg, marker, payload);
	if (marker >= APP0 && marker <= APP15)
		read_application(jpeg, marker, payload);
	else if (marker != COM)
		return IMAGE_BROKEN;
	return IMAGE_OK;
}

int image_clean_jpeg(struct str bytes, struct buf *to, struct image *facts)
{
	struct jpeg jpeg = { .rest = str_skip(bytes, 2), .to = to, .facts = facts };
	uint32_t marker;
	int outcome = IMAGE_OK;

	buf_add(to, STR("\xff\xd8"));
	while (!outcome && (marker = next_marker(&jpeg)) != EOI)
		outcome = marker ? read_segment(&jpeg, marker) : IMAGE_BROKEN;
	if (outcome)
		return outcome;
	buf_add(to, STR("\xff\xd9"));
	return jpeg.n_scans ? IMAGE_OK : IMAGE_BROKEN;
}
