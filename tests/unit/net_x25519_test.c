/* SPDX-License-Identifier: MIT */
/* X25519 as handshakes use it: keys and secrets of RFC 7748, whichever code makes which half. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <mbedtls/ecp.h>
#include <mbedtls/psa_util.h>
#include <psa/crypto.h>

#include "base/random.h"

enum { KEY = 32, ROUNDS = 50 };

static psa_key_id_t key_import(const unsigned char secret[KEY])
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_key_id_t key;
	psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY));
	psa_set_key_bits(&attributes, 255);
	psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_DERIVE);
	psa_set_key_algorithm(&attributes, PSA_ALG_ECDH);
	assert_int_equal(psa_import_key(&attributes, secret, KEY, &key), PSA_SUCCESS);
	return key;
}

static void public_of(const unsigned char secret[KEY], unsigned char public[KEY])
{
	size_t n;
	psa_key_id_t key = key_import(secret);
	assert_int_equal(psa_export_public_key(key, public, KEY, &n), PSA_SUCCESS);
	assert_int_equal(n, KEY);
	assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
}

static void secret_between(const unsigned char secret[KEY], const unsigned char peer[KEY], unsigned char shared[KEY])
{
	size_t n;
	psa_key_id_t key = key_import(secret);
	assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, key, peer, KEY, shared, KEY, &n), PSA_SUCCESS);
	assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
}

/* RFC 7748, section 6.1 */
static const unsigned char alice[KEY] = { 0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
					  0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
					  0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a };
static const unsigned char alice_public[KEY] = { 0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d,
						 0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38,
						 0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a };
static const unsigned char bob[KEY] = { 0x5d, 0xab, 0x08, 0x7e, 0x62, 0x4a, 0x8a, 0x4b, 0x79, 0xe1, 0x7f,
					0x8b, 0x83, 0x80, 0x0e, 0xe6, 0x6f, 0x3b, 0xb1, 0x29, 0x26, 0x18,
					0xb6, 0xfd, 0x1c, 0x2f, 0x8b, 0x27, 0xff, 0x88, 0xe0, 0xeb };
static const unsigned char bob_public[KEY] = { 0xde, 0x9e, 0xdb, 0x7d, 0x7b, 0x7d, 0xc1, 0xb4, 0xd3, 0x5b, 0x61,
					       0xc2, 0xec, 0xe4, 0x35, 0x37, 0x3f, 0x83, 0x43, 0xc8, 0x5b, 0x78,
					       0x67, 0x4d, 0xad, 0xfc, 0x7e, 0x14, 0x6f, 0x88, 0x2b, 0x4f };
static const unsigned char both[KEY] = { 0x4a, 0x5d, 0x9d, 0x5b, 0xa4, 0xce, 0x2d, 0xe1, 0x72, 0x8e, 0x3b,
					 0xf4, 0x80, 0x35, 0x0f, 0x25, 0xe0, 0x7e, 0x21, 0xc9, 0x47, 0xd1,
					 0x9e, 0x33, 0x76, 0xf0, 0x9b, 0x3c, 0x1e, 0x16, 0x17, 0x42 };

static void published_keys_come_out(void **state)
{
	unsigned char got[KEY];

	(void)state;
	public_of(alice, got);
	assert_memory_equal(got, alice_public, KEY);
	public_of(bob, got);
	assert_memory_equal(got, bob_public, KEY);
	secret_between(alice, bob_public, got);
	assert_memory_equal(got, both, KEY);
	secret_between(bob, alice_public, got);
	assert_memory_equal(got, both, KEY);
}

/* Mbed TLS's general curve arithmetic, which the key share went through before. */
static void public_by_general_code(const unsigned char secret[KEY], unsigned char public[KEY])
{
	mbedtls_ecp_keypair pair;
	size_t n;
	mbedtls_ecp_keypair_init(&pair);
	assert_int_equal(mbedtls_ecp_read_key(MBEDTLS_ECP_DP_CURVE25519, &pair, secret, KEY), 0);
	assert_int_equal(mbedtls_ecp_keypair_calc_public(&pair, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE), 0);
	assert_int_equal(mbedtls_ecp_write_public_key(&pair, MBEDTLS_ECP_PF_UNCOMPRESSED, &n, public, KEY), 0);
	mbedtls_ecp_keypair_free(&pair);
}

static void random_keys_are_the_same_by_both_codes(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		unsigned char secret[KEY], got[KEY], want[KEY];
		random_bytes(secret, KEY);
		public_of(secret, got);
		public_by_general_code(secret, want);
		assert_memory_equal(got, want, KEY);
	}
}

static int psa_begin(void **state)
{
	(void)state;
	return psa_crypto_init() == PSA_SUCCESS ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_keys_come_out),
		cmocka_unit_test(random_keys_are_the_same_by_both_codes),
	};
	return cmocka_run_group_tests(tests, psa_begin, NULL);
}
