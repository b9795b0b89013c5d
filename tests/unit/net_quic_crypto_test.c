/* SPDX-License-Identifier: MIT */
/* Packet protection against the published vectors: RFC 9001, appendix A, and RFC 9369 (QUIC v2), appendix A. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <mbedtls/ssl_ciphersuites.h>
#include <ngtcp2_crypto_shared.h>
#include <psa/crypto.h>
#include <string.h>

#include "base/str.h"
#include "net/quic/quic_crypto.h"
#include "net/quic/quic_tls.h"

enum { PACKET_MAX = 1500, TAG_LEN = 16, IV_LEN = 12 };

struct bytes {
	uint8_t at[PACKET_MAX];
	size_t len;
};

static struct bytes hex(const char *text)
{
	struct bytes bytes = { .len = 0 };
	for (; text[0]; text += 2) {
		assert_true(char_hex(text[0]) >= 0 && char_hex(text[1]) >= 0 && bytes.len < PACKET_MAX);
		bytes.at[bytes.len++] = (uint8_t)(char_hex(text[0]) << 4 | char_hex(text[1]));
	}
	return bytes;
}

static void assert_hex(const uint8_t *at, const char *text)
{
	struct bytes wanted = hex(text);
	assert_memory_equal(at, wanted.at, wanted.len);
}

/* What protects one direction. */
struct direction {
	ngtcp2_crypto_ctx algorithms;
	uint8_t key[32], iv[IV_LEN], header_key[32];
};

static struct direction direction_of(uint32_t version, unsigned suite, const uint8_t *secret)
{
	struct direction way = { .iv = { 0 } };
	assert_non_null(quic_crypto_ctx(&way.algorithms, (uint16_t)suite));
	assert_int_equal(ngtcp2_crypto_derive_packet_protection_key(way.key, way.iv, way.header_key, version,
								    &way.algorithms.aead, &way.algorithms.md, secret,
								    ngtcp2_crypto_md_hashlen(&way.algorithms.md)),
			 0);
	return way;
}

struct initial {
	uint8_t secret[32], client_secret[32], server_secret[32];
	struct direction client, server;
};

static struct initial initial_of(uint32_t version)
{
	struct bytes dcid = hex("8394c8f03e515708");
	struct initial initial;
	ngtcp2_cid cid;
	ngtcp2_cid_init(&cid, dcid.at, dcid.len);
	assert_int_equal(ngtcp2_crypto_derive_initial_secrets(initial.client_secret, initial.server_secret,
							      initial.secret, version, &cid, NGTCP2_CRYPTO_SIDE_SERVER),
			 0);
	initial.client = direction_of(version, MBEDTLS_TLS1_3_AES_128_GCM_SHA256, initial.client_secret);
	initial.server = direction_of(version, MBEDTLS_TLS1_3_AES_128_GCM_SHA256, initial.server_secret);
	return initial;
}

static void nonce_of(const struct direction *way, uint64_t number, uint8_t nonce[IV_LEN])
{
	memcpy(nonce, way->iv, IV_LEN);
	for (unsigned i = 0; i < 8; i++)
		nonce[IV_LEN - 1 - i] ^= (uint8_t)(number >> 8 * i);
}

/* Seals as RFC 9001, 5.3 and 5.4 say; the header ends with the packet number, of so many bytes. */
static struct bytes protect(const struct direction *way, struct bytes header, size_t number_len, uint64_t number,
			    struct bytes payload)
{
	ngtcp2_crypto_aead_ctx sealer;
	ngtcp2_crypto_cipher_ctx masker;
	uint8_t nonce[IV_LEN], mask[NGTCP2_HP_SAMPLELEN];
	struct bytes packet = header;
	uint8_t *sealed = packet.at + header.len;

	assert_int_equal(ngtcp2_crypto_aead_ctx_encrypt_init(&sealer, &way->algorithms.aead, way->key, IV_LEN), 0);
	assert_int_equal(ngtcp2_crypto_cipher_ctx_encrypt_init(&masker, &way->algorithms.hp, way->header_key), 0);
	nonce_of(way, number, nonce);
	memcpy(sealed, payload.at, payload.len);
	assert_int_equal(ngtcp2_crypto_encrypt(sealed, &way->algorithms.aead, &sealer, sealed, payload.len, nonce,
					       IV_LEN, header.at, header.len),
			 0);
	assert_int_equal(ngtcp2_crypto_hp_mask(mask, &way->algorithms.hp, &masker, sealed + 4 - number_len), 0);
	packet.at[0] ^= mask[0] & (header.at[0] & 0x80 ? 0x0f : 0x1f);
	for (size_t i = 0; i < number_len; i++)
		packet.at[header.len - number_len + i] ^= mask[1 + i];
	packet.len += payload.len + TAG_LEN;
	ngtcp2_crypto_aead_ctx_free(&sealer);
	ngtcp2_crypto_cipher_ctx_free(&masker);
	return packet;
}

static int open_sealed(const struct direction *way, uint64_t number, struct bytes header, struct bytes sealed,
		       uint8_t *to)
{
	ngtcp2_crypto_aead_ctx opener;
	uint8_t nonce[IV_LEN];
	assert_int_equal(ngtcp2_crypto_aead_ctx_decrypt_init(&opener, &way->algorithms.aead, way->key, IV_LEN), 0);
	nonce_of(way, number, nonce);
	int result = ngtcp2_crypto_decrypt(to, &way->algorithms.aead, &opener, sealed.at, sealed.len, nonce, IV_LEN,
					   header.at, header.len);
	ngtcp2_crypto_aead_ctx_free(&opener);
	return result;
}

/* RFC 9001, A.1 */
static void nobody_would_understand_our_initial_keys(void **state)
{
	struct initial initial = initial_of(NGTCP2_PROTO_VER_V1);
	(void)state;
	assert_hex(initial.secret, "7db5df06e7a69e432496adedb00851923595221596ae2ae9fb8115c1e9ed0a44");
	assert_hex(initial.client_secret, "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea");
	assert_hex(initial.client.key, "1f369613dd76d5467730efcbe3b1a22d");
	assert_hex(initial.client.iv, "fa044b2f42a3fd3b46fb255c");
	assert_hex(initial.client.header_key, "9f50449e04a0e810283a1e9933adedd2");
	assert_hex(initial.server_secret, "3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b");
	assert_hex(initial.server.key, "cf3a5331653c364c88f0f379b6067e37");
	assert_hex(initial.server.iv, "0ac1493ca1905853b0bba03e");
	assert_hex(initial.server.header_key, "c206b8d9b9f0f37644430b490eeaa314");
}

/* RFC 9369, A.1 */
static void version_2_would_have_the_keys_of_version_1(void **state)
{
	struct initial initial = initial_of(NGTCP2_PROTO_VER_V2);
	(void)state;
	assert_hex(initial.client.key, "8b1a0bc121284290a29e0971b5cd045d");
	assert_hex(initial.client.iv, "91f73e2351d8fa91660e909f");
	assert_hex(initial.client.header_key, "45b95e15235d6f45a6b19cbcb0294ba9");
	assert_hex(initial.server.key, "82db637861d55e1d011f19ea71d5d2a7");
	assert_hex(initial.server.iv, "dd13c276499c0249d3310652");
	assert_hex(initial.server.header_key, "edf6d05c83121201b436e16877593c3a");
}

/* RFC 9001, A.2 */
static struct bytes client_payload(void)
{
	struct bytes payload = hex("060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868"
				   "04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578"
				   "616d706c652e636f6dff01000100000a00080006001d00170018001000070005"
				   "04616c706e000500050100000000003300260024001d00209370b2c9caa47fba"
				   "baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400"
				   "0d0010000e0403050306030203080408050806002d00020101001c0002400100"
				   "3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000"
				   "75300901100f088394c8f03e51570806048000ffff");
	payload.len = 1162; /* padded */
	return payload;
}

static void client_initial_packet_would_differ(void **state)
{
	struct initial initial = initial_of(NGTCP2_PROTO_VER_V1);
	struct bytes header = hex("c300000001088394c8f03e5157080000449e00000002");
	struct bytes packet = protect(&initial.client, header, 4, 2, client_payload());
	(void)state;
	assert_int_equal(packet.len, 1200);
	assert_hex(packet.at, "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b");
	assert_hex(packet.at + packet.len - TAG_LEN, "e221af44860018ab0856972e194cd934");
}

/* RFC 9001, A.3 */
static void server_initial_packet_would_differ(void **state)
{
	struct initial initial = initial_of(NGTCP2_PROTO_VER_V1);
	struct bytes header = hex("c1000000010008f067a5502a4262b50040750001");
	struct bytes payload = hex("02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf739"
				   "88cfc79825df566dc5430b9a045a1200130100002e00330024001d00209d3c94"
				   "0d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00"
				   "020304");
	struct bytes packet = protect(&initial.server, header, 2, 1, payload);
	(void)state;
	assert_int_equal(packet.len, 135);
	assert_hex(packet.at, "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a"
			      "5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3"
			      "dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84"
			      "022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4"
			      "2158407dd074ee");
}

/* RFC 9001, A.4, and RFC 9369, A.4: the tag over the original id and the packet, with nothing sealed. */
static void assert_retry(const char *key, const char *nonce, const char *packet_text)
{
	struct bytes pseudo = hex("088394c8f03e515708"), packet = hex(packet_text);
	ngtcp2_crypto_aead aead;
	ngtcp2_crypto_aead_ctx sealer;
	uint8_t tag[TAG_LEN];

	memcpy(pseudo.at + pseudo.len, packet.at, packet.len - TAG_LEN);
	pseudo.len += packet.len - TAG_LEN;
	ngtcp2_crypto_aead_retry(&aead);
	assert_int_equal(aead.max_overhead, TAG_LEN);
	assert_int_equal(ngtcp2_crypto_aead_ctx_encrypt_init(&sealer, &aead, (const uint8_t *)key, IV_LEN), 0);
	assert_int_equal(ngtcp2_crypto_encrypt(tag, &aead, &sealer, tag, 0, (const uint8_t *)nonce, IV_LEN, pseudo.at,
					       pseudo.len),
			 0);
	assert_memory_equal(tag, packet.at + packet.len - TAG_LEN, TAG_LEN);
	ngtcp2_crypto_aead_ctx_free(&sealer);
}

static void client_would_not_believe_a_retry(void **state)
{
	(void)state;
	assert_retry(NGTCP2_RETRY_KEY_V1, NGTCP2_RETRY_NONCE_V1,
		     "ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba");
	assert_retry(NGTCP2_RETRY_KEY_V2, NGTCP2_RETRY_NONCE_V2,
		     "cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6");
}

/* RFC 9001, A.5 */
static void chacha20_packet_would_differ(void **state)
{
	struct bytes secret = hex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
	struct direction way = direction_of(NGTCP2_PROTO_VER_V1, MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256, secret.at);
	uint8_t next[32];
	(void)state;
	assert_hex(way.key, "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8");
	assert_hex(way.iv, "e0459b3474bdd0e44a41c144");
	assert_hex(way.header_key, "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4");
	struct bytes packet = protect(&way, hex("4200bff4"), 3, 654360564, hex("01"));
	assert_int_equal(packet.len, 21);
	assert_hex(packet.at, "4cfe4189655e5cd55c41f69080575d7999c25a5bfb");

	assert_int_equal(ngtcp2_crypto_update_traffic_secret(next, NGTCP2_PROTO_VER_V1, &way.algorithms.md, secret.at,
							     secret.len),
			 0);
	assert_hex(next, "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9");
}

/* A bit in the header, in the packet or in the tag; a tag that is not whole. */
static void forged_packet_would_be_believed(void **state)
{
	static const unsigned suites[] = { MBEDTLS_TLS1_3_AES_128_GCM_SHA256, MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
					   MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256 };
	struct bytes header = hex("4200bff4"), payload = hex("0a0b0c0d0e0f"), to;
	uint8_t secret[48] = "what nobody else knows";
	(void)state;

	for (size_t i = 0; i < countof(suites); i++) {
		struct direction way = direction_of(NGTCP2_PROTO_VER_V1, suites[i], secret);
		struct bytes packet = protect(&way, header, 3, 7, payload), sealed = { .len = payload.len + TAG_LEN };
		memcpy(sealed.at, packet.at + header.len, sealed.len);
		assert_int_equal(open_sealed(&way, 7, header, sealed, to.at), 0);
		assert_memory_equal(to.at, payload.at, payload.len);
		assert_int_not_equal(open_sealed(&way, 8, header, sealed, to.at), 0);
		for (size_t bit = 0; bit < sealed.len * 8; bit++) {
			struct bytes forged = sealed;
			forged.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_not_equal(open_sealed(&way, 7, header, forged, to.at), 0);
		}
		struct bytes other = header;
		other.at[0] ^= 4;
		assert_int_not_equal(open_sealed(&way, 7, other, sealed, to.at), 0);
		for (sealed.len = 0; sealed.len < TAG_LEN; sealed.len++)
			assert_int_not_equal(open_sealed(&way, 7, header, sealed, to.at), 0);
	}
}

static void limits_of_keys_would_not_hold(void **state)
{
	ngtcp2_crypto_ctx ctx;
	(void)state;
	/* RFC 9001, 6.6 */
	assert_non_null(quic_crypto_ctx(&ctx, MBEDTLS_TLS1_3_AES_128_GCM_SHA256));
	assert_true(ctx.max_encryption == 1 << 23 && ctx.max_decryption_failure == UINT64_C(1) << 52);
	assert_non_null(quic_crypto_ctx(&ctx, MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256));
	assert_true(ctx.max_encryption >= UINT64_C(1) << 62 && ctx.max_decryption_failure == UINT64_C(1) << 36);
	/* 5.3: not with a tag of eight bytes; nor what is none of TLS 1.3 */
	assert_null(quic_crypto_ctx(&ctx, MBEDTLS_TLS1_3_AES_128_CCM_8_SHA256));
	assert_null(quic_crypto_ctx(&ctx, MBEDTLS_TLS1_3_AES_128_CCM_SHA256));
	assert_null(quic_crypto_ctx(&ctx, 0));
}

static int setup(void **state)
{
	(void)state;
	quic_tls_free(NULL); /* so that the other half is linked too, which ngtcp2's archive refers back to */
	return psa_crypto_init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_would_understand_our_initial_keys),
		cmocka_unit_test(version_2_would_have_the_keys_of_version_1),
		cmocka_unit_test(client_initial_packet_would_differ),
		cmocka_unit_test(server_initial_packet_would_differ),
		cmocka_unit_test(client_would_not_believe_a_retry),
		cmocka_unit_test(chacha20_packet_would_differ),
		cmocka_unit_test(forged_packet_would_be_believed),
		cmocka_unit_test(limits_of_keys_would_not_hold),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
