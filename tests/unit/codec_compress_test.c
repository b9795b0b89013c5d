/* SPDX-License-Identifier: MIT */
/* Content codings, undone by the libraries' own decoders. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <brotli/decode.h>
#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "base/random.h"
#include "codec/compress.h"

enum { LARGE = 200000 };

static char text[LARGE], back[LARGE];

static size_t gunzip(struct str coded)
{
	z_stream stream = { .next_in = (z_const Bytef *)coded.at,
			    .avail_in = (uInt)coded.len,
			    .next_out = (Bytef *)back,
			    .avail_out = LARGE };
	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	inflateEnd(&stream);
	return stream.total_out;
}

static size_t decode(enum compress_coding coding, struct str coded)
{
	size_t n = LARGE;
	if (coding == COMPRESS_GZIP)
		return gunzip(coded);
	if (coding == COMPRESS_ZSTD)
		return ZSTD_decompress(back, LARGE, coded.at, coded.len);
	assert_int_equal(BrotliDecoderDecompress(coded.len, (const uint8_t *)coded.at, &n, (uint8_t *)back),
			 BROTLI_DECODER_RESULT_SUCCESS);
	return n;
}

static int fill_text(void **state)
{
	static const char words[] = "{\"artist\":\"Bill Evans\",\"name\":\"Waltz for Debby\",\"format\":\"LP\"},";
	(void)state;
	for (size_t i = 0; i < LARGE; i++)
		text[i] = words[(i + i / 1000) % (sizeof(words) - 1)];
	return 0;
}

static void every_coding_comes_back_as_it_was(void **state)
{
	static const size_t sizes[] = { 0, 1, 1000, 65536, LARGE };
	(void)state;

	for (int coding = 0; coding < N_COMPRESS_CODINGS; coding++) {
		for (size_t i = 0; i < countof(sizes); i++) {
			owned(buf_free) struct buf coded = buf_of(2 * LARGE);
			buf_add(&coded, STR("head"));
			assert_true(compress_into(&coded, (enum compress_coding)coding, i % 2 ? COMPRESS_FAST : COMPRESS_SMALL,
						  (struct str){ text, sizes[i] }));
			assert_true(str_starts(buf_str(&coded), STR("head")));
			assert_int_equal(decode((enum compress_coding)coding, str_skip(buf_str(&coded), 4)), sizes[i]);
			assert_memory_equal(back, text, sizes[i]);
		}
	}
}

static void bytes_that_do_not_shrink_are_left_alone(void **state)
{
	static char noise[30000];
	(void)state;

	random_bytes(noise, sizeof(noise));
	for (int coding = 0; coding < N_COMPRESS_CODINGS; coding++) {
		owned(buf_free) struct buf coded = buf_of(40000);
		assert_null(compress_blob((enum compress_coding)coding, COMPRESS_SMALL, (struct str){ noise, sizeof(noise) }));
		assert_null(compress_blob((enum compress_coding)coding, COMPRESS_SMALL, STR("")));
		assert_null(compress_blob((enum compress_coding)coding, COMPRESS_SMALL, STR("a")));
		assert_true(compress_into(&coded, (enum compress_coding)coding, COMPRESS_FAST, (struct str){ noise, sizeof(noise) }));
		assert_int_equal(decode((enum compress_coding)coding, buf_str(&coded)), sizeof(noise));
	}
}

static void a_kept_twin_is_smaller_than_the_body(void **state)
{
	(void)state;
	for (int coding = 0; coding < N_COMPRESS_CODINGS; coding++) {
		owned(blob_drop) struct blob *twin =
			compress_blob((enum compress_coding)coding, COMPRESS_SMALL, (struct str){ text, 12000 });
		assert_non_null(twin);
		assert_in_range(blob_str(twin).len, 20, 3000);
	}
}

static void a_buffer_too_small_gets_nothing(void **state)
{
	(void)state;
	for (int coding = 0; coding < N_COMPRESS_CODINGS; coding++) {
		owned(buf_free) struct buf coded = buf_of(40);
		assert_false(compress_into(&coded, (enum compress_coding)coding, COMPRESS_FAST, (struct str){ text, LARGE }));
		assert_int_equal(coded.len, 0);
	}
}

static void codings_are_named_as_in_headers(void **state)
{
	(void)state;
	assert_true(str_equal(compress_name(COMPRESS_GZIP), STR("gzip")));
	assert_true(str_equal(compress_name(COMPRESS_BROTLI), STR("br")));
	assert_true(str_equal(compress_name(COMPRESS_ZSTD), STR("zstd")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_coding_comes_back_as_it_was),
		cmocka_unit_test(bytes_that_do_not_shrink_are_left_alone),
		cmocka_unit_test(a_kept_twin_is_smaller_than_the_body),
		cmocka_unit_test(a_buffer_too_small_gets_nothing),
		cmocka_unit_test(codings_are_named_as_in_headers),
	};
	return cmocka_run_group_tests(tests, fill_text, NULL);
}
