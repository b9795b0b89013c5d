/* SPDX-License-Identifier: MIT */
/* Compiles Mbed TLS's own gcm.c unchanged, with each of its public names replaced, as if nothing stood in its place. */
#include "common.h"
#include "mbedtls/platform.h"

#undef MBEDTLS_GCM_ALT
#define mbedtls_gcm_context gcm_portable_context
#define mbedtls_gcm_init gcm_portable_init
#define mbedtls_gcm_setkey gcm_portable_setkey
#define mbedtls_gcm_crypt_and_tag gcm_portable_crypt_and_tag
#define mbedtls_gcm_auth_decrypt gcm_portable_auth_decrypt
#define mbedtls_gcm_starts gcm_portable_starts
#define mbedtls_gcm_update_ad gcm_portable_update_ad
#define mbedtls_gcm_update gcm_portable_update
#define mbedtls_gcm_finish gcm_portable_finish
#define mbedtls_gcm_free gcm_portable_free
#define mbedtls_gcm_self_test gcm_portable_self_test
#include "gcm.c"

#include "gcm_portable.h"

struct gcm_portable_context *gcm_portable_new(void)
{
	struct gcm_portable_context *ctx = mbedtls_calloc(1, sizeof(*ctx));
	if (ctx)
		gcm_portable_init(ctx);
	return ctx;
}

void gcm_portable_delete(struct gcm_portable_context *ctx)
{
	gcm_portable_free(ctx);
	mbedtls_free(ctx);
}
