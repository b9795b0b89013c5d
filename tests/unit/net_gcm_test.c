/* SPDX-License-Identifier: MIT */
/* AES-GCM by each way this processor has: published vectors, the same bytes from every way, and not one byte beside. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <mbedtls/gcm.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/random.h"
#include "net/gcm.h"

enum { LONGEST = 20000, TAG = 16, ROUNDS = 2000, EVERY_LENGTH_TO = 600, SPLIT_MESSAGE = 81 };

/* ---- buffers with nothing after them ----------------------------------------------------------------------------- */

/* LONGEST bytes that end where the process's memory ends: a kernel's read or write beyond them is a crash. The
 * sanitizers do not look into its assembly. */
static unsigned char *edge_new(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (LONGEST + page - 1) / page * page;
	unsigned char *at = mmap(NULL, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(at != MAP_FAILED);
	assert_int_equal(mprotect(at + page, size, PROT_READ | PROT_WRITE), 0);
	return at + page + size - LONGEST;
}

static unsigned char *in_edge, *out_edge, *back_edge, *add_edge, *tag_edge;

static int edges_make(void **state)
{
	(void)state;
	in_edge = edge_new();
	out_edge = edge_new();
	back_edge = edge_new();
	add_edge = edge_new();
	tag_edge = edge_new();
	return 0;
}

/* The last `len` bytes of an edge. */
static unsigned char *last(unsigned char *edge, size_t len)
{
	return edge + LONGEST - len;
}

/* ---- a message, by one way --------------------------------------------------------------------------------------- */

struct message {
	unsigned char key[32], iv[64];
	unsigned keybits;
	size_t iv_len, add_len, len, tag_len;
};

static void gcm_of(mbedtls_gcm_context *gcm, const struct message *m)
{
	mbedtls_gcm_init(gcm);
	assert_int_equal(mbedtls_gcm_setkey(gcm, MBEDTLS_CIPHER_ID_AES, m->key, m->keybits), 0);
}

static void seal(const struct message *m, const unsigned char *add, const unsigned char *in, unsigned char *out,
		 unsigned char *tag)
{
	mbedtls_gcm_context gcm;
	gcm_of(&gcm, m);
	assert_int_equal(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, m->len, m->iv, m->iv_len, add, m->add_len,
						   in, out, m->tag_len, tag),
			 0);
	mbedtls_gcm_free(&gcm);
}

static int open_sealed(const struct message *m, const unsigned char *add, const unsigned char *in, unsigned char *out,
		       const unsigned char *tag)
{
	mbedtls_gcm_context gcm;
	gcm_of(&gcm, m);
	int outcome =
		mbedtls_gcm_auth_decrypt(&gcm, m->len, m->iv, m->iv_len, add, m->add_len, tag, m->tag_len, in, out);
	mbedtls_gcm_free(&gcm);
	return outcome;
}

static struct message message_random(size_t len, size_t add_len)
{
	struct message m = { .keybits = 128 + 64 * (unsigned)random_below(3), .iv_len = 12, .tag_len = TAG };
	random_bytes(m.key, sizeof(m.key));
	random_bytes(m.iv, sizeof(m.iv));
	m.len = len;
	m.add_len = add_len;
	random_bytes(last(in_edge, len), len);
	random_bytes(last(add_edge, add_len), add_len);
	return m;
}

/* Runs `test` by every way that this processor has. */
static unsigned by_every_way(void (*test)(void))
{
	unsigned n = 0;
	for (unsigned i = 0; i < net_gcm_ways(); i++) {
		if (!net_gcm_name(i))
			continue;
		assert_int_equal(net_gcm_choose(i), 0);
		test();
		n++;
	}
	assert_int_equal(net_gcm_choose(NET_GCM_AUTO), 0);
	return n;
}

/* ---- published vectors ------------------------------------------------------------------------------------------- */

#define ZERO16 "00000000000000000000000000000000"
#define ZERO12 "000000000000000000000000"
#define KEY16 "feffe9928665731c6d6a8f9467308308"
#define IV12 "cafebabefacedbaddecaf888"
#define IV60                                                                                                           \
	"9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de" \
	"6a5"                                                                                                          \
	"7a637b39b"
#define ADD20 "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define PLAIN60                                                                                                        \
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0d" \
	"e6"                                                                                                           \
	"57ba637b39"
#define CIPHER60                                                                                                       \
	"42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0a" \
	"ac"                                                                                                           \
	"973d58e091"
#define CIPHER60_LONG_KEY                                                                                              \
	"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba" \
	"7a"                                                                                                           \
	"0abcc9f662"

static const struct {
	const char *key, *iv, *add, *plain, *cipher, *tag;
} vectors[] = {
	/* McGrew and Viega, The Galois/Counter Mode of Operation, appendix B: cases 1 to 5, 13 to 16 */
	{ ZERO16, ZERO12, "", "", "", "58e2fccefa7e3061367f1d57a4e7455a" },
	{ ZERO16, ZERO12, "", ZERO16, "0388dace60b6a392f328c2b971b2fe78", "ab6e47d42cec13bdf53a67b21257bddf" },
	{ KEY16, IV12, "", PLAIN60 "1aafd255", CIPHER60 "473f5985", "4d5c2af327cd64a62cf35abd2ba6fab4" },
	{ KEY16, IV12, ADD20, PLAIN60, CIPHER60, "5bc94fbc3221a5db94fae95ae7121a47" },
	{ KEY16, "cafebabefacedbad", ADD20, PLAIN60,
	  "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c742373806900e49f24b22b097544d4896b424989b5e1ebac"
	  "0f"
	  "07c23f4598",
	  "3612d2e79e3b0785561be14aaca2fccb" },
	{ ZERO16 ZERO16, ZERO12, "", "", "", "530f8afbc74536b9a963b4f1c4cb738b" },
	{ ZERO16 ZERO16, ZERO12, "", ZERO16, "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919" },
	{ KEY16 KEY16, IV12, "", PLAIN60 "1aafd255", CIPHER60_LONG_KEY "898015ad", "b094dac5d93471bdec1a502270e3cc6c" },
	{ KEY16 KEY16, IV12, ADD20, PLAIN60, CIPHER60_LONG_KEY, "76fc6ece0f4e1768cddf8853bb2d551b" },
	/* RFC 9001, appendix A.4: a Retry packet's integrity tag */
	{ "be0c690b9f66575a1d766b54e368c84e", "461599d35d632bf2239825bb",
	  "088394c8f03e515708ff000000010008f067a5502a4262b5746f6b656e", "", "", "04a265ba2eff4d829058fb3f0f2496ba" },
};

static size_t bytes_of(const char *hex, unsigned char *to)
{
	size_t len = strlen(hex) / 2;
	for (size_t i = 0; i < len; i++) {
		unsigned byte;
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		to[i] = (unsigned char)byte;
	}
	return len;
}

static void vectors_once(void)
{
	for (size_t i = 0; i < countof(vectors); i++) {
		struct message m = { .tag_len = TAG };
		unsigned char cipher[64], tag[TAG], *in, *add, *out;
		m.keybits = 8 * (unsigned)bytes_of(vectors[i].key, m.key);
		m.iv_len = bytes_of(vectors[i].iv, m.iv);
		m.add_len = strlen(vectors[i].add) / 2;
		m.len = strlen(vectors[i].plain) / 2;
		in = last(in_edge, m.len), add = last(add_edge, m.add_len), out = last(out_edge, m.len);
		bytes_of(vectors[i].plain, in);
		bytes_of(vectors[i].add, add);
		bytes_of(vectors[i].cipher, cipher);
		bytes_of(vectors[i].tag, tag);
		seal(&m, add, in, out, last(tag_edge, TAG));
		assert_memory_equal(out, cipher, m.len);
		assert_memory_equal(last(tag_edge, TAG), tag, TAG);
		assert_int_equal(open_sealed(&m, add, cipher, last(back_edge, m.len), tag), 0);
		assert_memory_equal(last(back_edge, m.len), in, m.len);
	}
	assert_int_equal(mbedtls_gcm_self_test(0), 0);
}

static void published_vectors_come_out(void **state)
{
	(void)state;
	assert_true(by_every_way(vectors_once) >= 1);
}

/* ---- the ways against each other --------------------------------------------------------------------------------- */

static void same_by_all(const struct message *m)
{
	static unsigned char sealed[LONGEST], tag[TAG];
	const unsigned char *add = last(add_edge, m->add_len), *in = last(in_edge, m->len);
	unsigned char *out = last(out_edge, m->len), *out_tag = last(tag_edge, m->tag_len);

	assert_int_equal(net_gcm_choose(NET_GCM_PORTABLE), 0);
	seal(m, add, in, sealed, tag);
	for (unsigned i = 0; i < net_gcm_ways(); i++) {
		if (net_gcm_choose(i) != 0)
			continue;
		seal(m, add, in, out, out_tag);
		assert_memory_equal(out, sealed, m->len);
		assert_memory_equal(out_tag, tag, m->tag_len);
		assert_int_equal(open_sealed(m, add, out, last(back_edge, m->len), out_tag), 0);
		assert_memory_equal(last(back_edge, m->len), in, m->len);
		assert_int_equal(open_sealed(m, add, out, out, out_tag), 0); /* in place */
		assert_memory_equal(out, in, m->len);
		seal(m, add, out, out, out_tag);
		assert_memory_equal(out, sealed, m->len);
	}
	assert_int_equal(net_gcm_choose(NET_GCM_AUTO), 0);
}

static void every_length_is_the_same_by_all_ways(void **state)
{
	(void)state;
	for (size_t len = 0; len <= EVERY_LENGTH_TO; len++) {
		struct message m = message_random(len, random_below(40));
		same_by_all(&m);
	}
}

static void random_messages_are_the_same_by_all_ways(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct message m =
			message_random(random_below(i % 10 ? 1500 : LONGEST), random_below(i % 7 ? 32 : 1000));
		m.tag_len = i % 3 ? TAG : 4 + random_below(13);
		m.iv_len = i % 4 ? 12 : 1 + random_below(sizeof(m.iv));
		same_by_all(&m);
	}
}

/* ---- messages in parts ------------------------------------------------------------------------------------------- */

static void seal_in_parts(const struct message *m, const size_t *cuts, const unsigned char *in, unsigned char *out,
			  unsigned char *tag)
{
	const unsigned char *add = last(add_edge, m->add_len);
	mbedtls_gcm_context gcm;
	size_t n, done = 0, ends[3] = { cuts[0], cuts[1], m->len };
	gcm_of(&gcm, m);
	assert_int_equal(mbedtls_gcm_starts(&gcm, MBEDTLS_GCM_ENCRYPT, m->iv, m->iv_len), 0);
	size_t first = m->add_len / 3;
	assert_int_equal(mbedtls_gcm_update_ad(&gcm, add, first), 0);
	assert_int_equal(mbedtls_gcm_update_ad(&gcm, add + first, m->add_len - first), 0);
	for (size_t i = 0; i < countof(ends); done = ends[i++]) {
		size_t part = ends[i] - done;
		assert_int_equal(mbedtls_gcm_update(&gcm, in + done, part, out + done, part, &n), 0);
		assert_int_equal(n, part);
	}
	assert_int_equal(mbedtls_gcm_finish(&gcm, NULL, 0, &n, tag, m->tag_len), 0);
	mbedtls_gcm_free(&gcm);
}

static void splits_once(void)
{
	struct message m = message_random(SPLIT_MESSAGE, 21);
	unsigned char whole[SPLIT_MESSAGE], tag[TAG], parts[SPLIT_MESSAGE], parts_tag[TAG];
	seal(&m, last(add_edge, m.add_len), last(in_edge, m.len), whole, tag);
	for (size_t a = 0; a <= m.len; a++)
		for (size_t b = a; b <= m.len; b++) {
			seal_in_parts(&m, (const size_t[]){ a, b }, last(in_edge, m.len), parts, parts_tag);
			assert_memory_equal(parts, whole, m.len);
			assert_memory_equal(parts_tag, tag, TAG);
		}
}

static void a_message_may_come_in_parts_cut_anywhere(void **state)
{
	(void)state;
	by_every_way(splits_once);
}

static void whole_and_in_parts_take_turns_on_one_context(void **state)
{
	struct message m = message_random(100, 5);
	unsigned char want[100], got[100], want_tag[TAG], got_tag[TAG];
	mbedtls_gcm_context gcm;
	size_t n;

	(void)state;
	seal(&m, last(add_edge, 5), last(in_edge, 100), want, want_tag);
	gcm_of(&gcm, &m);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, 100, m.iv, 12, last(add_edge, 5),
							   5, last(in_edge, 100), got, TAG, got_tag),
				 0);
		assert_memory_equal(got, want, 100);
		assert_memory_equal(got_tag, want_tag, TAG);
		assert_int_equal(mbedtls_gcm_starts(&gcm, MBEDTLS_GCM_ENCRYPT, m.iv, 12), 0);
		assert_int_equal(mbedtls_gcm_update_ad(&gcm, last(add_edge, 5), 5), 0);
		assert_int_equal(mbedtls_gcm_update(&gcm, last(in_edge, 100), 100, got, 100, &n), 0);
		assert_int_equal(mbedtls_gcm_finish(&gcm, NULL, 0, &n, got_tag, TAG), 0);
		assert_memory_equal(got, want, 100);
		assert_memory_equal(got_tag, want_tag, TAG);
	}
	mbedtls_gcm_free(&gcm);
}

/* ---- what is refused --------------------------------------------------------------------------------------------- */

static void forgeries_once(void)
{
	static const unsigned char none[200];
	struct message m = message_random(200, 13);
	unsigned char *add = last(add_edge, 13), *out = last(out_edge, 200), *tag = last(tag_edge, TAG);
	unsigned char *back = last(back_edge, 200);
	seal(&m, add, last(in_edge, 200), out, tag);
	unsigned char *const may_change[] = { add, out, tag };
	const size_t sizes[] = { 13, 200, TAG };
	for (size_t i = 0; i < countof(sizes); i++)
		for (size_t bit = 0; bit < 8 * sizes[i]; bit++) {
			may_change[i][bit / 8] ^= (unsigned char)(1 << bit % 8);
			assert_int_equal(open_sealed(&m, add, out, back, tag), MBEDTLS_ERR_GCM_AUTH_FAILED);
			assert_memory_equal(back, none, 200);
			may_change[i][bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
	assert_int_equal(open_sealed(&m, add, out, back, tag), 0);
}

static void one_changed_bit_anywhere_is_refused_and_nothing_is_shown(void **state)
{
	(void)state;
	by_every_way(forgeries_once);
}

static void nonsense_once(void)
{
	unsigned char key[32] = { 0 }, iv[12] = { 0 }, buf[64] = { 0 }, tag[TAG + 1];
	mbedtls_gcm_context gcm;
	size_t n;
	mbedtls_gcm_init(&gcm);
	assert_int_not_equal(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 100), 0);
	assert_int_not_equal(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_CHACHA20, key, 256), 0);
	assert_int_equal(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 256), 0);
	static const size_t bad_tags[] = { 0, 3, TAG + 1 };
	for (size_t i = 0; i < countof(bad_tags); i++)
		assert_int_equal(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, 32, iv, 12, NULL, 0, buf, buf,
							   bad_tags[i], tag),
				 MBEDTLS_ERR_GCM_BAD_INPUT);
	assert_int_equal(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, 32, iv, 0, NULL, 0, buf, buf, TAG, tag),
			 MBEDTLS_ERR_GCM_BAD_INPUT);
	assert_int_equal(
		mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, 32, iv, 12, NULL, 0, buf, buf + 1, TAG, tag),
		MBEDTLS_ERR_GCM_BAD_INPUT);
	assert_int_equal(mbedtls_gcm_starts(&gcm, MBEDTLS_GCM_ENCRYPT, iv, 12), 0);
	assert_int_equal(mbedtls_gcm_update(&gcm, buf, 32, buf, 31, &n), MBEDTLS_ERR_GCM_BUFFER_TOO_SMALL);
	mbedtls_gcm_free(&gcm);
	mbedtls_gcm_free(&gcm);
	mbedtls_gcm_free(NULL);
}

static void nonsense_is_refused_as_mbedtls_refuses_it(void **state)
{
	(void)state;
	by_every_way(nonsense_once);
}

static void a_processor_with_the_instructions_uses_them(void **state)
{
	(void)state;
#ifdef MBEDTLS_GCM_ALT
	bool able =
		__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
	assert_int_equal(strcmp(net_gcm_in_use(), "mbedtls") != 0, able);
#else
	assert_string_equal(net_gcm_in_use(), "mbedtls");
#endif
}

static void a_target_just_before_its_source_is_right(void **state)
{
	struct message m = message_random(500, 0);
	unsigned char want[500], want_tag[TAG], *moving = last(out_edge, 507);

	(void)state;
	seal(&m, NULL, last(in_edge, 500), want, want_tag);
	memcpy(moving + 7, last(in_edge, 500), 500);
	seal(&m, NULL, moving + 7, moving, last(tag_edge, TAG));
	assert_memory_equal(moving, want, 500);
	assert_memory_equal(last(tag_edge, TAG), want_tag, TAG);
}

static void a_context_keeps_the_way_it_was_keyed_with(void **state)
{
	struct message m = message_random(333, 13);
	unsigned char want[333], got[333], want_tag[TAG], got_tag[TAG];
	mbedtls_gcm_context gcm;

	(void)state;
	seal(&m, last(add_edge, 13), last(in_edge, 333), want, want_tag);
	gcm_of(&gcm, &m);
	assert_int_equal(net_gcm_choose(NET_GCM_PORTABLE), 0);
	assert_int_equal(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, 333, m.iv, 12, last(add_edge, 13), 13,
						   last(in_edge, 333), got, TAG, got_tag),
			 0);
	assert_int_equal(net_gcm_choose(NET_GCM_AUTO), 0);
	assert_memory_equal(got, want, 333);
	assert_memory_equal(got_tag, want_tag, TAG);
	mbedtls_gcm_free(&gcm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_come_out),
		cmocka_unit_test(every_length_is_the_same_by_all_ways),
		cmocka_unit_test(random_messages_are_the_same_by_all_ways),
		cmocka_unit_test(a_message_may_come_in_parts_cut_anywhere),
		cmocka_unit_test(whole_and_in_parts_take_turns_on_one_context),
		cmocka_unit_test(one_changed_bit_anywhere_is_refused_and_nothing_is_shown),
		cmocka_unit_test(nonsense_is_refused_as_mbedtls_refuses_it),
		cmocka_unit_test(a_processor_with_the_instructions_uses_them),
		cmocka_unit_test(a_target_just_before_its_source_is_right),
		cmocka_unit_test(a_context_keeps_the_way_it_was_keyed_with),
	};
	return cmocka_run_group_tests(tests, edges_make, NULL);
}
