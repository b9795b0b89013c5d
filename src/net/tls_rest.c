/* SPDX-License-Identifier: MIT */
/* Taking the record buffers out of a resting session, and putting some back in. */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "net/tls_rest.h"

#include <mbedtls/build_info.h>
#include <mbedtls/platform.h>
#include <string.h>

_Static_assert(MBEDTLS_VERSION_MAJOR == 3, "the buffers' layout was checked against Mbed TLS 3.6 only");

#ifdef MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH
#error "buffers of different lengths cannot go from session to session"
#endif

/* At least what Mbed TLS allocates: a record's largest payload, its header, and what encryption may add. */
enum { BUFFER_BYTES = MBEDTLS_SSL_IN_CONTENT_LEN + 2048 };
_Static_assert(MBEDTLS_SSL_IN_CONTENT_LEN == MBEDTLS_SSL_OUT_CONTENT_LEN, "both kinds of buffers are interchangeable");

/* The session's pointers into one of its buffers. */
struct pointers {
	unsigned char **base, **at[TLS_N_POINTERS];
};

static struct pointers in_pointers(mbedtls_ssl_context *ssl)
{
	return (struct pointers){ &ssl->in_buf,
				  { &ssl->in_ctr, &ssl->in_hdr, &ssl->in_len, &ssl->in_iv, &ssl->in_msg } };
}

static struct pointers out_pointers(mbedtls_ssl_context *ssl)
{
	return (struct pointers){ &ssl->out_buf,
				  { &ssl->out_ctr, &ssl->out_hdr, &ssl->out_len, &ssl->out_iv, &ssl->out_msg } };
}

static void buffer_return(struct tls_spares *spares, unsigned char *buffer)
{
	if (spares->n < TLS_SPARE_BUFFERS)
		spares->buffers[spares->n++] = buffer;
	else
		mbedtls_free(buffer);
}

static void detach(struct pointers pointers, unsigned char *offsets, struct tls_spares *spares)
{
	for (size_t i = 0; i < TLS_N_POINTERS; i++) {
		offsets[i] = (unsigned char)(*pointers.at[i] - *pointers.base);
		*pointers.at[i] = NULL;
	}
	buffer_return(spares, take(*pointers.base));
}

static void attach(struct pointers pointers, const unsigned char *offsets, struct tls_spares *spares)
{
	*pointers.base = spares->buffers[--spares->n];
	for (size_t i = 0; i < TLS_N_POINTERS; i++)
		*pointers.at[i] = *pointers.base + offsets[i];
}

static bool is_between_records(const mbedtls_ssl_context *ssl)
{
	return ssl->in_left == 0 && !ssl->in_offt && ssl->in_hslen == 0 && ssl->badmac_seen_or_in_hsfraglen == 0 &&
	       !ssl->keep_current_message && ssl->out_left == 0;
}

void tls_rest_begin(struct tls_rest *rest, mbedtls_ssl_context *ssl, struct tls_spares *spares)
{
	if (rest->resting || !is_between_records(ssl))
		return;
	memcpy(rest->in_counter, ssl->in_ctr, sizeof(rest->in_counter));
	detach(in_pointers(ssl), rest->in_offsets, spares);
	detach(out_pointers(ssl), rest->out_offsets, spares);
	rest->resting = true;
}

int tls_rest_end(struct tls_rest *rest, mbedtls_ssl_context *ssl, struct tls_spares *spares)
{
	if (!rest->resting)
		return 0;
	while (spares->n < 2) {
		unsigned char *buffer = mbedtls_calloc(1, BUFFER_BYTES);
		if (!buffer)
			return -1;
		spares->buffers[spares->n++] = buffer;
	}
	attach(in_pointers(ssl), rest->in_offsets, spares);
	attach(out_pointers(ssl), rest->out_offsets, spares);
	memcpy(ssl->in_ctr, rest->in_counter, sizeof(rest->in_counter));
	rest->resting = false;
	return 0;
}

void tls_spares_free(struct tls_spares *spares)
{
	while (spares->n)
		mbedtls_free(spares->buffers[--spares->n]);
}
