/* SPDX-License-Identifier: MIT */
/* The three wraps, and plain TLS records taken apart and put together. All that knows Mbed TLS's insides is here. */
#include "net/quic/quic_bio.h"

#include <string.h>

enum {
	RECORD_HEADER_LEN = 5,
	EXT_HEADER_LEN = 4,
	EXT_QUIC_TRANSPORT_PARAMS = 57,
};

static int bio_send(void *arg, const unsigned char *bytes, size_t len);

static struct quic_bio *bio_of(const mbedtls_ssl_context *ssl)
{
	return ssl->MBEDTLS_PRIVATE(f_send) == bio_send ? ssl->MBEDTLS_PRIVATE(p_bio) : NULL;
}

/* ── The wraps: what the linker calls where Mbed TLS calls itself ── */

/* As library/ssl_misc.h declares them, which is not installed. */
_Static_assert(MBEDTLS_VERSION_MAJOR == 3 && MBEDTLS_VERSION_MINOR == 6, "compare these with ssl_misc.h");
_Static_assert(MBEDTLS_SSL_IN_CONTENT_LEN >= QUIC_MESSAGE_MAX && MBEDTLS_SSL_OUT_CONTENT_LEN >= QUIC_MESSAGE_MAX,
	       "a message has to fit into a record");
struct mbedtls_ssl_transform;
int __real_mbedtls_ssl_write_alpn_ext(mbedtls_ssl_context *ssl, unsigned char *at, unsigned char *end, size_t *len);
int __wrap_mbedtls_ssl_write_alpn_ext(mbedtls_ssl_context *ssl, unsigned char *at, unsigned char *end, size_t *len);
void __real_mbedtls_ssl_set_inbound_transform(mbedtls_ssl_context *ssl, struct mbedtls_ssl_transform *transform);
void __wrap_mbedtls_ssl_set_inbound_transform(mbedtls_ssl_context *ssl, struct mbedtls_ssl_transform *transform);
void __real_mbedtls_ssl_set_outbound_transform(mbedtls_ssl_context *ssl, struct mbedtls_ssl_transform *transform);
void __wrap_mbedtls_ssl_set_outbound_transform(mbedtls_ssl_context *ssl, struct mbedtls_ssl_transform *transform);

/* Called for every EncryptedExtensions, also when no protocol was agreed on. */
int __wrap_mbedtls_ssl_write_alpn_ext(mbedtls_ssl_context *ssl, unsigned char *at, unsigned char *end, size_t *len)
{
	struct quic_bio *bio = bio_of(ssl);
	int error = __real_mbedtls_ssl_write_alpn_ext(ssl, at, end, len);
	if (error || !bio)
		return error;

	struct str params = bio->ops->transport_params(bio);
	unsigned char *to = at + *len;
	if (!str_present(params))
		return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	if ((size_t)(end - to) < EXT_HEADER_LEN + params.len)
		return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
	to[0] = 0;
	to[1] = EXT_QUIC_TRANSPORT_PARAMS;
	to[2] = (unsigned char)(params.len >> 8);
	to[3] = (unsigned char)params.len;
	memcpy(to + EXT_HEADER_LEN, params.at, params.len);
	*len += EXT_HEADER_LEN + params.len;
	return 0;
}

void __wrap_mbedtls_ssl_set_inbound_transform(mbedtls_ssl_context *ssl, struct mbedtls_ssl_transform *transform)
{
	struct quic_bio *bio = bio_of(ssl);
	if (bio)
		bio->ops->read_next(bio);
	else
		__real_mbedtls_ssl_set_inbound_transform(ssl, transform);
}

void __wrap_mbedtls_ssl_set_outbound_transform(mbedtls_ssl_context *ssl, struct mbedtls_ssl_transform *transform)
{
	struct quic_bio *bio = bio_of(ssl);
	if (bio)
		bio->ops->write_next(bio);
	else
		__real_mbedtls_ssl_set_outbound_transform(ssl, transform);
}

/* ── Records ── */

static int record_write(struct quic_bio *bio, unsigned char type, struct str body)
{
	if (type == MBEDTLS_SSL_MSG_HANDSHAKE)
		return bio->ops->write(bio, body);
	if (type == MBEDTLS_SSL_MSG_ALERT && body.len == 2)
		bio->ops->alert(bio, (unsigned char)body.at[1]);
	return 0; /* ChangeCipherSpec has no meaning in QUIC */
}

/* Mbed TLS writes whole records, several at once if it pleases. */
static int bio_send(void *arg, const unsigned char *bytes, size_t len)
{
	struct quic_bio *bio = arg;
	size_t at = 0;

	while (len - at >= RECORD_HEADER_LEN) {
		size_t body_len = (size_t)bytes[at + 3] << 8 | bytes[at + 4];
		if (body_len > len - at - RECORD_HEADER_LEN)
			return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
		int error = record_write(bio, bytes[at],
					 (struct str){ (const char *)bytes + at + RECORD_HEADER_LEN, body_len });
		if (error)
			return error;
		at += RECORD_HEADER_LEN + body_len;
	}
	return at == len ? (int)len : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

static int bio_recv(void *arg, unsigned char *to, size_t room)
{
	struct quic_bio *bio = arg;
	struct str *from = bio->header.len ? &bio->header : &bio->message;
	size_t n = room < from->len ? room : from->len;

	if (n == 0)
		return MBEDTLS_ERR_SSL_WANT_READ;
	memcpy(to, from->at, n);
	*from = str_skip(*from, n);
	return (int)n;
}

void quic_bio_feed(struct quic_bio *bio, struct str message)
{
	check(quic_bio_hungry(bio) && message.len <= QUIC_MESSAGE_MAX);
	bio->header_bytes[0] = MBEDTLS_SSL_MSG_HANDSHAKE;
	bio->header_bytes[1] = bio->header_bytes[2] = 3; /* TLS 1.2, as all records of 1.3 say */
	bio->header_bytes[3] = (char)(message.len >> 8);
	bio->header_bytes[4] = (char)message.len;
	bio->header = (struct str){ bio->header_bytes, RECORD_HEADER_LEN };
	bio->message = message;
}

void quic_bio_attach(struct quic_bio *bio, const struct quic_bio_ops *ops, mbedtls_ssl_context *ssl)
{
	*bio = (struct quic_bio){ .ops = ops };
	mbedtls_ssl_set_bio(ssl, bio, bio_send, bio_recv, NULL);
}
