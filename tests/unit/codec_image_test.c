/* SPDX-License-Identifier: MIT */
/* Pictures from strangers: what is shown stays, what is told about it goes, what is broken is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>
#include <cmocka.h>

#include "codec/image.h"

enum { ROOM = 1 << 20, SIDE = 4096 };

/* ── Made by hand ── */

static void put(struct buf *to, const char *bytes, size_t n)
{
	buf_add(to, (struct str){ bytes, n });
}
#define PUT(to, literal) put((to), (literal), sizeof(literal) - 1)

static void segment(struct buf *to, int marker, struct str payload)
{
	const char head[] = { (char)0xff, (char)marker, (char)((payload.len + 2) >> 8), (char)(payload.len + 2) };

	put(to, head, sizeof(head));
	buf_add(to, payload);
}

static void quantiser(struct buf *to)
{
	char table[65];

	memset(table, 1, sizeof(table));
	table[0] = 0;
	segment(to, 0xdb, (struct str){ table, sizeof(table) });
}

/* 3 × 2 pixels, grey. */
static void frame(struct buf *to)
{
	segment(to, 0xc0, STR("\x08\0\x02\0\x03\x01\x01\x11\0"));
}

static void scan(struct buf *to)
{
	segment(to, 0xda, STR("\x01\x01\0\0\x3f\0"));
	PUT(to, "coded\xff\0data\xff\xd0on");
}

static void huffman(struct buf *to)
{
	segment(to, 0xc4, STR("\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5"));
}

/* A JPEG with further segments before the frame, and bytes behind its end. */
static struct buf jpeg_with(int marker, struct str payload, struct str behind)
{
	struct buf made = buf_of(ROOM);

	PUT(&made, "\xff\xd8");
	if (marker)
		segment(&made, marker, payload);
	quantiser(&made);
	frame(&made);
	huffman(&made);
	scan(&made);
	PUT(&made, "\xff\xd9");
	buf_add(&made, behind);
	return made;
}

static void chunk(struct buf *to, const char *type, struct str data)
{
	char number[4];
	size_t from = to->len + 4;

	for (int i = 0; i < 4; i++)
		number[i] = (char)(data.len >> (24 - 8 * i));
	put(to, number, 4);
	put(to, type, 4);
	buf_add(to, data);
	uLong sum = crc32_z(0, (const Bytef *)to->at + from, 4 + data.len);
	for (int i = 0; i < 4; i++)
		number[i] = (char)(sum >> (24 - 8 * i));
	put(to, number, 4);
}

static struct buf png_with(const char *type, struct str data, struct str behind)
{
	struct buf made = buf_of(ROOM);

	PUT(&made, "\x89PNG\r\n\x1a\n");
	chunk(&made, "IHDR", STR("\0\0\0\5\0\0\0\7\x08\2\0\0\0"));
	if (type)
		chunk(&made, type, data);
	chunk(&made, "IDAT", STR("picture"));
	chunk(&made, "IEND", STR(""));
	buf_add(&made, behind);
	return made;
}

static void riff_chunk(struct buf *to, const char *name, struct str data)
{
	const char length[] = { (char)data.len, (char)(data.len >> 8), 0, 0 };

	put(to, name, 4);
	put(to, length, 4);
	buf_add(to, data);
	if (data.len % 2)
		buf_add_char(to, 0);
}

#define LOSSLESS STR("\x2f\4\xc0\1\0pixels") /* 5 × 8 */

static struct buf webp_of(struct buf chunks)
{
	struct buf made = buf_of(ROOM);
	size_t n = chunks.len + 4;
	const char length[] = { (char)n, (char)(n >> 8), 0, 0 };

	PUT(&made, "RIFF");
	put(&made, length, 4);
	PUT(&made, "WEBP");
	buf_add(&made, buf_str(&chunks));
	buf_free(&chunks);
	return made;
}

/* ── Asking ── */

static int outcome_of(struct buf made, struct buf *copy, struct image *facts)
{
	*copy = buf_of(ROOM);
	int outcome = image_clean(buf_str(&made), SIDE, copy, facts);
	buf_free(&made);
	return outcome;
}

static void assert_refused(struct buf made, int expected)
{
	struct image facts;
	struct buf copy;

	assert_int_equal(outcome_of(made, &copy, &facts), expected);
	buf_free(&copy);
}

/* The copy of `made` is, byte for byte, `expected`. */
static void assert_copied(struct buf made, struct buf expected)
{
	struct image facts;
	struct buf copy;

	assert_int_equal(outcome_of(made, &copy, &facts), IMAGE_OK);
	assert_int_equal(copy.len, expected.len);
	assert_memory_equal(copy.at, expected.at, copy.len);
	buf_free(&copy);
	buf_free(&expected);
}

static struct buf plain_jpeg(void)
{
	return jpeg_with(0, STR(""), STR(""));
}

static struct buf plain_png(void)
{
	return png_with(NULL, STR(""), STR(""));
}

/* ── JPEG ── */

static void where_a_photo_was_taken_is_not_kept(void **state)
{
	(void)state;
	assert_copied(jpeg_with(0xe1, STR("Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0GPS 48.1 N"), STR("")), plain_jpeg());
	assert_copied(jpeg_with(0xe1, STR("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"), STR("")), plain_jpeg());
	assert_copied(jpeg_with(0xed, STR("Photoshop 3.0\0caption"), STR("")), plain_jpeg());
	assert_copied(jpeg_with(0xfe, STR("a comment"), STR("")), plain_jpeg());
}

static void how_the_camera_was_held_is_kept(void **state)
{
	static const struct str exif =
		STR("Exif\0\0II*\0\x08\0\0\0\2\0\x0f\1\2\0\3\0\0\0me\0\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0");
	(void)state;

	assert_copied(jpeg_with(0xe1, exif, STR("")),
		      jpeg_with(0xe1, STR("Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"), STR("")));
}

static void broken_exif_is_no_reason_to_refuse_a_photo(void **state)
{
	static const struct str exifs[] = {
		STR("Exif\0\0"),
		STR("Exif\0\0II*\0\xff\xff\xff\xff"),
		STR("Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\1\3\0\1\0\0\0"),
		STR("Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\x63\0\0\0"),
	};
	(void)state;

	for (size_t i = 0; i < countof(exifs); i++)
		assert_copied(jpeg_with(0xe1, exifs[i], STR("")), plain_jpeg());
}

static void colours_stay_what_they_were(void **state)
{
	char profile[64] = "ICC_PROFILE\0\1\1";
	struct str icc = { profile, sizeof(profile) }, adobe = STR("Adobe\0\x64\0\0\0\0\1");
	(void)state;

	memcpy(profile + 14 + 36, "acsp", 4);
	assert_copied(jpeg_with(0xe2, icc, STR("")), jpeg_with(0xe2, icc, STR("")));
	assert_copied(jpeg_with(0xee, adobe, STR("")), jpeg_with(0xee, adobe, STR("")));
	profile[14 + 36] = 'x';
	assert_copied(jpeg_with(0xe2, icc, STR("")), plain_jpeg());
}

static void a_thumbnail_goes(void **state)
{
	(void)state;
	assert_copied(jpeg_with(0xe0, STR("JFIF\0\1\1\0\0\1\0\1\1\1rgb"), STR("")),
		      jpeg_with(0xe0, STR("JFIF\0\1\1\0\0\1\0\1\0\0"), STR("")));
}

static void what_stands_behind_a_picture_goes(void **state)
{
	(void)state;
	assert_copied(jpeg_with(0, STR(""), STR("PK\3\4 or <script>alert(1)</script>")), plain_jpeg());
	assert_copied(png_with(NULL, STR(""), STR("PK\3\4 or <script>alert(1)</script>")), plain_png());
}

static void a_picture_cut_short_anywhere_is_refused(void **state)
{
	struct buf whole[] = { plain_jpeg(), plain_png() };
	(void)state;

	for (size_t i = 0; i < countof(whole); i++) {
		for (size_t n = 0; n < whole[i].len; n++) {
			owned(buf_free) struct buf copy = buf_of(ROOM);
			struct image facts;
			assert_int_not_equal(image_clean(str_first(buf_str(&whole[i]), n), SIDE, &copy, &facts),
					     IMAGE_OK);
		}
		buf_free(&whole[i]);
	}
}

static struct buf jpeg_of(int marker, struct str frame_payload)
{
	struct buf made = buf_of(ROOM);

	PUT(&made, "\xff\xd8");
	segment(&made, marker, frame_payload);
	scan(&made);
	PUT(&made, "\xff\xd9");
	return made;
}

static void a_jpeg_that_browsers_do_not_show_is_refused(void **state)
{
	(void)state;
	assert_refused(jpeg_of(0xc3, STR("\x08\0\x02\0\x03\x01\x01\x11\0")), IMAGE_UNSUPPORTED); /* lossless */
	assert_refused(jpeg_of(0xc9, STR("\x08\0\x02\0\x03\x01\x01\x11\0")), IMAGE_UNSUPPORTED); /* arithmetic */
	assert_refused(jpeg_of(0xc0, STR("\x0c\0\x02\0\x03\x01\x01\x11\0")), IMAGE_UNSUPPORTED); /* 12 bits */
}

static void a_broken_jpeg_is_refused(void **state)
{
	static const struct str frames[] = {
		STR("\x08\0\0\0\x03\x01\x01\x11\0"),	   /* no height */
		STR("\x08\0\x02\0\x03\x02\x01\x11\0"),	   /* a component is missing */
		STR("\x08\0\x02\0\x03\x01\x01\x51\0"),	   /* sampled five times */
		STR("\x08\0\x02\0\x03\x01\x02\x11\0"),	   /* another component than is scanned */
		STR("\x08\0\x02\0\x03\x01\x01\x11\0more"), /* longer than it says */
	};
	(void)state;

	for (size_t i = 0; i < countof(frames); i++)
		assert_refused(jpeg_of(0xc0, frames[i]), IMAGE_BROKEN);
	assert_refused(jpeg_with(0xc4, STR("\0\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), STR("")), IMAGE_BROKEN);
	assert_refused(jpeg_with(0xdb, STR("\4short"), STR("")), IMAGE_BROKEN);
	assert_refused(jpeg_with(0xdd, STR("\1"), STR("")), IMAGE_BROKEN);
	assert_refused(jpeg_with(0xda, STR("\1\1\0\0\x3f\0"), STR("")), IMAGE_BROKEN); /* a scan before the frame */
}

static void a_jpeg_of_endless_scans_is_refused(void **state)
{
	struct buf made = buf_of(ROOM);
	(void)state;

	PUT(&made, "\xff\xd8");
	frame(&made);
	for (int i = 0; i < 101; i++)
		scan(&made);
	PUT(&made, "\xff\xd9");
	assert_refused(made, IMAGE_UNSUPPORTED);
}

/* ── PNG ── */

static void what_a_png_tells_in_words_is_not_kept(void **state)
{
	(void)state;
	assert_copied(png_with("tEXt", STR("Author\0me"), STR("")), plain_png());
	assert_copied(png_with("eXIf", STR("II*\0"), STR("")), plain_png());
	assert_copied(png_with("acTL", STR("\0\0\0\2\0\0\0\0"), STR("")), plain_png());
	assert_copied(png_with("gAMA", STR("\0\0\xb1\x8f"), STR("")), png_with("gAMA", STR("\0\0\xb1\x8f"), STR("")));
	assert_copied(png_with("gAMA", STR("\0\0\xb1\x8f and more"), STR("")), plain_png());
}

static void a_broken_png_is_refused(void **state)
{
	struct buf flipped = plain_png();
	(void)state;

	flipped.at[flipped.len - 20] ^= 1; /* in the picture's data: its checksum tells */
	assert_refused(flipped, IMAGE_BROKEN);
	assert_refused(png_with("WHAT", STR("is this"), STR("")), IMAGE_BROKEN);
	assert_refused(png_with("IHDR", STR("\0\0\0\5\0\0\0\7\x08\2\0\0\0"), STR("")), IMAGE_BROKEN);
	assert_refused(png_with("PLTE", STR("four"), STR("")), IMAGE_BROKEN);
}

static void a_png_needs_the_palette_it_speaks_of(void **state)
{
	struct buf made = buf_of(ROOM);
	(void)state;

	PUT(&made, "\x89PNG\r\n\x1a\n");
	chunk(&made, "IHDR", STR("\0\0\0\5\0\0\0\7\x08\3\0\0\0"));
	chunk(&made, "IDAT", STR("picture"));
	chunk(&made, "IEND", STR(""));
	assert_refused(made, IMAGE_BROKEN);
}

/* ── WebP ── */

static struct buf extended_webp(const char *flags_and_rest, bool with_metadata)
{
	struct buf chunks = buf_of(ROOM);

	riff_chunk(&chunks, "VP8X", (struct str){ flags_and_rest, 10 });
	riff_chunk(&chunks, "ICCP", STR("odd"));
	riff_chunk(&chunks, "VP8L", LOSSLESS);
	if (with_metadata) {
		riff_chunk(&chunks, "EXIF", STR("where it was taken"));
		riff_chunk(&chunks, "XMP ", STR("<x:xmpmeta/>"));
	}
	return webp_of(chunks);
}

static void what_a_webp_tells_in_words_is_not_kept(void **state)
{
	(void)state;
	assert_copied(extended_webp("\x3c\0\0\0\4\0\0\7\0\0", true), extended_webp("\x30\0\0\0\4\0\0\7\0\0", false));
}

static void an_animated_webp_is_refused(void **state)
{
	(void)state;
	assert_refused(extended_webp("\x02\0\0\0\4\0\0\7\0\0", false), IMAGE_ANIMATED);
}

static void a_webp_that_lies_about_its_size_is_refused(void **state)
{
	(void)state;
	assert_refused(extended_webp("\x20\0\0\0\5\0\0\7\0\0", false), IMAGE_BROKEN);
}

static void a_simple_webp_is_its_picture_alone(void **state)
{
	struct buf plain = buf_of(ROOM), more = buf_of(ROOM);
	(void)state;

	riff_chunk(&plain, "VP8L", LOSSLESS);
	riff_chunk(&more, "VP8L", LOSSLESS);
	riff_chunk(&more, "EXIF", STR("where"));
	assert_copied(webp_of(more), webp_of(plain));
}

/* ── All of them ── */

static void a_pictures_size_is_told_and_bounded(void **state)
{
	struct buf made[] = { plain_jpeg(), plain_png(), extended_webp("\x20\0\0\0\4\0\0\7\0\0", false) };
	static const struct image expected[] = { { IMAGE_JPEG, 3, 2 }, { IMAGE_PNG, 5, 7 }, { IMAGE_WEBP, 5, 8 } };
	(void)state;

	for (size_t i = 0; i < countof(made); i++) {
		owned(buf_free) struct buf copy = buf_of(ROOM), none = buf_of(ROOM), small = buf_of(10);
		uint32_t side = expected[i].width > expected[i].height ? expected[i].width : expected[i].height;
		struct image facts;
		assert_int_equal(image_clean(buf_str(&made[i]), side, &copy, &facts), IMAGE_OK);
		assert_memory_equal(&facts, &expected[i], sizeof(facts));
		assert_int_equal(image_clean(buf_str(&made[i]), side - 1, &none, &facts), IMAGE_TOO_LARGE);
		assert_int_equal(image_clean(buf_str(&made[i]), side, &small, &facts), IMAGE_NO_ROOM);
		buf_free(&made[i]);
	}
}

static void other_files_are_no_pictures(void **state)
{
	static const struct str others[] = { STR(""),
					     STR("GIF89a"),
					     STR("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
					     STR("RIFF\4\0\0\0WAVE"),
					     STR("\x89PNG\r\n\x1a"),
					     STR("\xff\xd8") };
	(void)state;

	for (size_t i = 0; i < countof(others); i++) {
		owned(buf_free) struct buf copy = buf_of(ROOM);
		struct image facts;
		assert_int_equal(image_clean(others[i], SIDE, &copy, &facts), IMAGE_FOREIGN);
	}
}

static void types_are_known_by_their_names(void **state)
{
	(void)state;
	assert_int_equal(image_type_named(STR("Image/JPEG; q=1")), IMAGE_JPEG);
	assert_int_equal(image_type_named(STR("image/svg+xml")), IMAGE_UNKNOWN);
	assert_true(str_equal(image_media_type(IMAGE_WEBP), STR("image/webp")));
	assert_false(str_present(image_media_type(IMAGE_UNKNOWN)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_a_photo_was_taken_is_not_kept),
		cmocka_unit_test(how_the_camera_was_held_is_kept),
		cmocka_unit_test(broken_exif_is_no_reason_to_refuse_a_photo),
		cmocka_unit_test(colours_stay_what_they_were),
		cmocka_unit_test(a_thumbnail_goes),
		cmocka_unit_test(what_stands_behind_a_picture_goes),
		cmocka_unit_test(a_picture_cut_short_anywhere_is_refused),
		cmocka_unit_test(a_jpeg_that_browsers_do_not_show_is_refused),
		cmocka_unit_test(a_broken_jpeg_is_refused),
		cmocka_unit_test(a_jpeg_of_endless_scans_is_refused),
		cmocka_unit_test(what_a_png_tells_in_words_is_not_kept),
		cmocka_unit_test(a_broken_png_is_refused),
		cmocka_unit_test(a_png_needs_the_palette_it_speaks_of),
		cmocka_unit_test(what_a_webp_tells_in_words_is_not_kept),
		cmocka_unit_test(an_animated_webp_is_refused),
		cmocka_unit_test(a_webp_that_lies_about_its_size_is_refused),
		cmocka_unit_test(a_simple_webp_is_its_picture_alone),
		cmocka_unit_test(a_pictures_size_is_told_and_bounded),
		cmocka_unit_test(other_files_are_no_pictures),
		cmocka_unit_test(types_are_known_by_their_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
