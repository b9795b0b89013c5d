/* SPDX-License-Identifier: MIT */
/* Reading PEM files. */
#include "net/pem.h"

#include <mbedtls/error.h>
#include <mbedtls/psa_util.h>
#include <string.h>

#include "net/file.h"

struct str pem_error_text(int error, struct arena *arena)
{
	char reason[160];
	mbedtls_strerror(error, reason, sizeof(reason));
	return arena_printf(arena, "%s (-0x%04x)", reason, (unsigned)-error);
}

static int read_text(const char *file, struct arena *arena, struct buf *text, struct str *said)
{
	int error = file_read(file, text);
	if (error) {
		*said = arena_printf(arena, "%s cannot be read: %s", file, strerror(-error));
		return TLS_UNREADABLE;
	}
	buf_add_char(text, '\0'); /* Mbed TLS tells PEM from DER by it */
	if (buf_failed(text) || str_find(buf_str(text), STR("-----BEGIN ")) == SIZE_MAX) {
		*said = arena_printf(arena, "%s is not in PEM format: there is no -----BEGIN line in it", file);
		return TLS_BROKEN;
	}
	return TLS_OK;
}

static size_t count(struct str text, struct str needle)
{
	size_t n = 0;
	for (size_t at; (at = str_find(text, needle)) != SIZE_MAX; n++)
		text = str_skip(text, at + needle.len);
	return n;
}

/* Mbed TLS passes over a certificate that is cut off, as in a file that is being written. */
static bool is_whole(struct str text, const mbedtls_x509_crt *chain)
{
	size_t n = 0;
	for (const mbedtls_x509_crt *at = chain; at; at = at->next)
		n++;
	return count(text, STR("-----BEGIN CERTIFICATE-----")) == n &&
	       count(text, STR("-----BEGIN ")) == count(text, STR("-----END "));
}

int pem_read_chain(const char *file, struct arena *arena, mbedtls_x509_crt *chain, struct str *said)
{
	owned(buf_free) struct buf text = buf_of(FILE_SMALL_MAX);
	int outcome = read_text(file, arena, &text, said);
	if (outcome)
		return outcome;
	int result = mbedtls_x509_crt_parse(chain, (const unsigned char *)text.at, text.len);
	if (result == 0 && is_whole(buf_str(&text), chain))
		return TLS_OK;
	if (result == 0) {
		*said = arena_printf(arena, "%s is cut off: it ends within a certificate", file);
		return TLS_BROKEN;
	}
	*said = result < 0 ? arena_printf(arena, "%s holds no certificate that can be read: %.*s", file,
					  STR_ARG(pem_error_text(result, arena)))
			   : arena_printf(arena, "%s holds %d certificates that cannot be read", file, result);
	return TLS_BROKEN;
}

int pem_read_key(const char *file, struct arena *arena, mbedtls_pk_context *key, struct str *said)
{
	owned(buf_wipe) struct buf text = buf_of(FILE_SMALL_MAX);
	int outcome = read_text(file, arena, &text, said);
	if (outcome)
		return outcome;
	int error = mbedtls_pk_parse_key(key, (const unsigned char *)text.at, text.len, NULL, 0, mbedtls_psa_get_random,
					 MBEDTLS_PSA_RANDOM_STATE);
	if (error == 0)
		return TLS_OK;
	*said = error == MBEDTLS_ERR_PK_PASSWORD_REQUIRED
			? arena_printf(arena, "the key in %s is locked by a pass phrase: recordd needs it without one",
				       file)
			: arena_printf(arena, "%s holds no private key that can be read: %.*s", file,
				       STR_ARG(pem_error_text(error, arena)));
	return TLS_BROKEN;
}
