/* SPDX-License-Identifier: MIT */
/* Mbed TLS's own gcm.c, under the names it has when another one stands in its place. Contracts: <mbedtls/gcm.h>. */
#ifndef GCM_PORTABLE_H
#define GCM_PORTABLE_H

#include <stddef.h>
#include <mbedtls/cipher.h>

struct gcm_portable_context;

/* An initialised context, NULL without memory; gcm_portable_delete wipes and frees it (NULL is fine). */
struct gcm_portable_context *gcm_portable_new(void);
void gcm_portable_delete(struct gcm_portable_context *ctx);

int gcm_portable_setkey(struct gcm_portable_context *ctx, mbedtls_cipher_id_t cipher, const unsigned char *key,
			unsigned int keybits);
int gcm_portable_crypt_and_tag(struct gcm_portable_context *ctx, int mode, size_t length, const unsigned char *iv,
			       size_t iv_len, const unsigned char *add, size_t add_len, const unsigned char *input,
			       unsigned char *output, size_t tag_len, unsigned char *tag);
int gcm_portable_auth_decrypt(struct gcm_portable_context *ctx, size_t length, const unsigned char *iv, size_t iv_len,
			      const unsigned char *add, size_t add_len, const unsigned char *tag, size_t tag_len,
			      const unsigned char *input, unsigned char *output);
int gcm_portable_starts(struct gcm_portable_context *ctx, int mode, const unsigned char *iv, size_t iv_len);
int gcm_portable_update_ad(struct gcm_portable_context *ctx, const unsigned char *add, size_t add_len);
int gcm_portable_update(struct gcm_portable_context *ctx, const unsigned char *input, size_t input_length,
			unsigned char *output, size_t output_size, size_t *output_length);
int gcm_portable_finish(struct gcm_portable_context *ctx, unsigned char *output, size_t output_size,
			size_t *output_length, unsigned char *tag, size_t tag_len);

/* Mbed TLS's published vectors against its own code; 0 = all right. */
int gcm_portable_self_test(int verbose);

#endif
