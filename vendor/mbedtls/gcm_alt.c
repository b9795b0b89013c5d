/* SPDX-License-Identifier: MIT */
/* AES-GCM behind Mbed TLS's interface: the kernels of ipsec-mb, chosen at run time, or Mbed TLS's own code. */
#include "gcm_alt.h"

#include <cpuid.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <intel-ipsec-mb.h>
#include <mbedtls/constant_time.h>
#include <mbedtls/gcm.h>
#include <mbedtls/platform_util.h>

#include "gcm_portable.h"

#if IMB_VERSION_NUM >> 8 != 0x200
#error "the kernels are called below ipsec-mb's public interface, as version 2.0 has them"
#endif

enum { IV = 12, TAG_MIN = 4, TAG_MAX = 16, KEY_MAX = 32 };
static const uint64_t message_max = 0xFFFFFFFE0; /* SP 800-38D, section 5.2.1.1: 2^36 - 32 bytes */

/* ---- the kernels ------------------------------------------------------------------------------------------------- */

/* out and in are equal or disjoint; iv has 12 bytes; what a kernel does not like it silently leaves undone. */
typedef void kernel_crypt(const struct gcm_key_data *key, struct gcm_context_data *scratch, uint8_t *out,
			  const uint8_t *in, uint64_t len, const uint8_t *iv, const uint8_t *add, uint64_t add_len,
			  uint8_t *tag, uint64_t tag_len);

#define KERNEL_PROTOTYPES(bits, isa)                                   \
	void aes_gcm_precomp_##bits##_##isa(struct gcm_key_data *key); \
	kernel_crypt aes_gcm_enc_##bits##_##isa, aes_gcm_dec_##bits##_##isa;
KERNEL_PROTOTYPES(128, vaes_avx512)
KERNEL_PROTOTYPES(256, vaes_avx512)
KERNEL_PROTOTYPES(128, vaes_avx2)
KERNEL_PROTOTYPES(256, vaes_avx2)
KERNEL_PROTOTYPES(128, sse)
KERNEL_PROTOTYPES(256, sse)
void aes_keyexp_128_enc_sse(const void *key, void *rounds);
void aes_keyexp_256_enc_sse(const void *key, void *rounds);

struct kernel_functions {
	void (*expand)(const void *key, void *rounds);
	void (*precompute)(struct gcm_key_data *key);
	kernel_crypt *encrypt, *decrypt;
};

#define KERNEL_FUNCTIONS(bits, isa)                                                                      \
	{                                                                                                \
		aes_keyexp_##bits##_enc_sse, aes_gcm_precomp_##bits##_##isa, aes_gcm_enc_##bits##_##isa, \
			aes_gcm_dec_##bits##_##isa                                                       \
	}

static bool has_sse(void)
{
	return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
}

static bool has_vaes(void)
{
	enum { VAES = 1 << 9, VPCLMULQDQ = 1 << 10 };
	unsigned a, b, c, d;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (c & VAES) && (c & VPCLMULQDQ);
}

/* __builtin_cpu_supports also asks whether the system keeps the wide registers. */
static bool has_vaes_avx2(void)
{
	return has_sse() && has_vaes() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("bmi2");
}

static bool has_vaes_avx512(void)
{
	return has_vaes_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
	       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512vl");
}

/* The ways, fastest first; without functions: Mbed TLS's own. */
static const struct way {
	const char *name;
	bool (*runs)(void);
	size_t key_size; /* of struct gcm_key_data, with the hash keys that this one computes */
	struct kernel_functions aes128, aes256;
} ways[] = {
#define KEY_SIZE(member) \
	(offsetof(struct gcm_key_data, ghash_keys) + sizeof(((struct gcm_key_data *)0)->ghash_keys.member))
	{ "vaes-avx512", has_vaes_avx512, KEY_SIZE(vaes_avx512), KERNEL_FUNCTIONS(128, vaes_avx512),
	  KERNEL_FUNCTIONS(256, vaes_avx512) },
	{ "vaes-avx2", has_vaes_avx2, KEY_SIZE(vaes_avx2), KERNEL_FUNCTIONS(128, vaes_avx2),
	  KERNEL_FUNCTIONS(256, vaes_avx2) },
	{ "sse", has_sse, KEY_SIZE(sse_avx), KERNEL_FUNCTIONS(128, sse), KERNEL_FUNCTIONS(256, sse) },
	{ .name = "mbedtls" },
};
enum { N_WAYS = sizeof(ways) / sizeof(ways[0]), PORTABLE = N_WAYS - 1, UNCHOSEN = N_WAYS };

static _Atomic unsigned chosen = UNCHOSEN;

static bool runs(unsigned i)
{
	return i < N_WAYS && (!ways[i].runs || ways[i].runs());
}

unsigned gcm_alt_count(void)
{
	return N_WAYS;
}

const char *gcm_alt_name(unsigned i)
{
	return runs(i) ? ways[i].name : NULL;
}

unsigned gcm_alt_chosen(void)
{
	unsigned i = atomic_load_explicit(&chosen, memory_order_relaxed);
	if (i != UNCHOSEN)
		return i;
	for (i = 0; !runs(i);)
		i++;
	atomic_store_explicit(&chosen, i, memory_order_relaxed);
	return i;
}

int gcm_alt_choose(unsigned i)
{
	if (!runs(i))
		return -1;
	atomic_store_explicit(&chosen, i, memory_order_relaxed);
	return 0;
}

/* ---- a key ------------------------------------------------------------------------------------------------------- */

struct gcm_alt {
	const struct kernel_functions *kernel; /* NULL: all is done by `portable` */
	struct gcm_key_data *key; /* what the kernel wants of it, made for the first message: many keys see none */
	size_t key_size;	  /* of struct gcm_key_data, cut to what the kernel uses */
	struct gcm_portable_context *portable; /* with a kernel: NULL until something asks for what that cannot */
	unsigned keybits;
	unsigned char raw[KEY_MAX]; /* with a kernel: what both are made of */
};

static void alt_delete(struct gcm_alt *alt)
{
	if (!alt)
		return;
	gcm_portable_delete(alt->portable);
	if (alt->key)
		mbedtls_platform_zeroize(alt->key, alt->key_size);
	free(alt->key);
	mbedtls_platform_zeroize(alt, sizeof(*alt));
	free(alt);
}

static int portable_make(struct gcm_alt *alt, mbedtls_cipher_id_t cipher, const unsigned char *key, unsigned keybits)
{
	struct gcm_portable_context *portable = gcm_portable_new();
	if (!portable)
		return MBEDTLS_ERR_CIPHER_ALLOC_FAILED;
	int error = gcm_portable_setkey(portable, cipher, key, keybits);
	if (error) {
		gcm_portable_delete(portable);
		return error;
	}
	alt->portable = portable;
	return 0;
}

static void kernel_choose(struct gcm_alt *alt, const struct way *way, const unsigned char *key, unsigned keybits)
{
	alt->kernel = keybits == 128 ? &way->aes128 : &way->aes256;
	alt->key_size = (way->key_size + 63) & ~(size_t)63;
	alt->keybits = keybits;
	memcpy(alt->raw, key, keybits / 8);
}

static int kernel_make(struct gcm_alt *alt)
{
	alt->key = aligned_alloc(64, alt->key_size);
	if (!alt->key)
		return MBEDTLS_ERR_CIPHER_ALLOC_FAILED;
	memset(alt->key, 0, alt->key_size);
	alt->kernel->expand(alt->raw, alt->key->expanded_keys);
	alt->kernel->precompute(alt->key);
	return 0;
}

/* Mbed TLS's own context of this key, made at the first need. */
static int portable_of(const mbedtls_gcm_context *ctx, struct gcm_portable_context **portable)
{
	struct gcm_alt *alt = ctx->MBEDTLS_PRIVATE(alt);
	if (!alt)
		return MBEDTLS_ERR_GCM_BAD_INPUT;
	if (!alt->portable) {
		int error = portable_make(alt, MBEDTLS_CIPHER_ID_AES, alt->raw, alt->keybits);
		if (error)
			return error;
	}
	*portable = alt->portable;
	return 0;
}

void mbedtls_gcm_init(mbedtls_gcm_context *ctx)
{
	ctx->MBEDTLS_PRIVATE(alt) = NULL;
}

void mbedtls_gcm_free(mbedtls_gcm_context *ctx)
{
	if (!ctx)
		return;
	alt_delete(ctx->MBEDTLS_PRIVATE(alt));
	ctx->MBEDTLS_PRIVATE(alt) = NULL;
}

int mbedtls_gcm_setkey(mbedtls_gcm_context *ctx, mbedtls_cipher_id_t cipher, const unsigned char *key,
		       unsigned int keybits)
{
	const struct way *way = &ways[gcm_alt_chosen()];
	bool fast = way->runs && cipher == MBEDTLS_CIPHER_ID_AES && (keybits == 128 || keybits == 256);
	struct gcm_alt *alt = calloc(1, sizeof(*alt));
	if (!alt)
		return MBEDTLS_ERR_CIPHER_ALLOC_FAILED;
	if (fast) {
		kernel_choose(alt, way, key, keybits);
	} else {
		int error = portable_make(alt, cipher, key, keybits);
		if (error) {
			alt_delete(alt);
			return error;
		}
	}
	mbedtls_gcm_free(ctx);
	ctx->MBEDTLS_PRIVATE(alt) = alt;
	return 0;
}

/* ---- whole messages ---------------------------------------------------------------------------------------------- */

static bool in_place_or_disjoint(const unsigned char *in, const unsigned char *out, size_t len)
{
	uintptr_t a = (uintptr_t)in, b = (uintptr_t)out;
	return a == b || (a < b ? b - a : a - b) >= len;
}

/* Whether a kernel does this one, and as Mbed TLS would: it reports nothing, so all that it would refuse is kept
 * from it. */
static bool kernel_can(const struct gcm_alt *alt, size_t len, const unsigned char *in, const unsigned char *out,
		       size_t iv_len, const unsigned char *add, size_t add_len, size_t tag_len)
{
	return alt && alt->kernel && iv_len == IV && tag_len >= TAG_MIN && tag_len <= TAG_MAX && len <= message_max &&
	       (!len || (in && out)) && (!add_len || add) && in_place_or_disjoint(in, out, len);
}

static int kernel_run(struct gcm_alt *alt, kernel_crypt *crypt, size_t len, const unsigned char *iv,
		      const unsigned char *add, size_t add_len, const unsigned char *in, unsigned char *out,
		      size_t tag_len, unsigned char *tag)
{
	struct gcm_context_data scratch;
	int error = alt->key ? 0 : kernel_make(alt);
	if (error)
		return error;
	crypt(alt->key, &scratch, out, in, len, iv, add, add_len, tag, tag_len);
	mbedtls_platform_zeroize(&scratch, sizeof(scratch));
	return 0;
}

int mbedtls_gcm_crypt_and_tag(mbedtls_gcm_context *ctx, int mode, size_t length, const unsigned char *iv, size_t iv_len,
			      const unsigned char *add, size_t add_len, const unsigned char *input,
			      unsigned char *output, size_t tag_len, unsigned char *tag)
{
	struct gcm_alt *alt = ctx->MBEDTLS_PRIVATE(alt);
	if (kernel_can(alt, length, input, output, iv_len, add, add_len, tag_len)) {
		kernel_crypt *crypt = mode == MBEDTLS_GCM_ENCRYPT ? alt->kernel->encrypt : alt->kernel->decrypt;
		return kernel_run(alt, crypt, length, iv, add, add_len, input, output, tag_len, tag);
	}
	struct gcm_portable_context *portable;
	int error = portable_of(ctx, &portable);
	if (error)
		return error;
	return gcm_portable_crypt_and_tag(portable, mode, length, iv, iv_len, add, add_len, input, output, tag_len,
					  tag);
}

int mbedtls_gcm_auth_decrypt(mbedtls_gcm_context *ctx, size_t length, const unsigned char *iv, size_t iv_len,
			     const unsigned char *add, size_t add_len, const unsigned char *tag, size_t tag_len,
			     const unsigned char *input, unsigned char *output)
{
	struct gcm_alt *alt = ctx->MBEDTLS_PRIVATE(alt);
	if (kernel_can(alt, length, input, output, iv_len, add, add_len, tag_len)) {
		unsigned char computed[TAG_MAX];
		int error = kernel_run(alt, alt->kernel->decrypt, length, iv, add, add_len, input, output, tag_len,
				       computed);
		if (error)
			return error;
		if (!mbedtls_ct_memcmp(tag, computed, tag_len))
			return 0;
		mbedtls_platform_zeroize(output, length);
		return MBEDTLS_ERR_GCM_AUTH_FAILED;
	}
	struct gcm_portable_context *portable;
	int error = portable_of(ctx, &portable);
	if (error)
		return error;
	return gcm_portable_auth_decrypt(portable, length, iv, iv_len, add, add_len, tag, tag_len, input, output);
}

/* ---- messages in parts ------------------------------------------------------------------------------------------- */

int mbedtls_gcm_starts(mbedtls_gcm_context *ctx, int mode, const unsigned char *iv, size_t iv_len)
{
	struct gcm_portable_context *portable;
	int error = portable_of(ctx, &portable);
	return error ? error : gcm_portable_starts(portable, mode, iv, iv_len);
}

int mbedtls_gcm_update_ad(mbedtls_gcm_context *ctx, const unsigned char *add, size_t add_len)
{
	struct gcm_portable_context *portable;
	int error = portable_of(ctx, &portable);
	return error ? error : gcm_portable_update_ad(portable, add, add_len);
}

int mbedtls_gcm_update(mbedtls_gcm_context *ctx, const unsigned char *input, size_t input_length, unsigned char *output,
		       size_t output_size, size_t *output_length)
{
	struct gcm_portable_context *portable;
	int error = portable_of(ctx, &portable);
	return error ? error : gcm_portable_update(portable, input, input_length, output, output_size, output_length);
}

int mbedtls_gcm_finish(mbedtls_gcm_context *ctx, unsigned char *output, size_t output_size, size_t *output_length,
		       unsigned char *tag, size_t tag_len)
{
	struct gcm_portable_context *portable;
	int error = portable_of(ctx, &portable);
	return error ? error : gcm_portable_finish(portable, output, output_size, output_length, tag, tag_len);
}
