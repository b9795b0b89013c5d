/* SPDX-License-Identifier: MIT */
/*
 * Handshake messages in and out of an Mbed TLS session that thinks it writes TLS records (README.md beside this file).
 *
 * A session is known to be ours by the function it sends with. For such a session, and for no other, three functions of
 * Mbed TLS that the linker wraps (CMakeLists.txt: --wrap) do what QUIC wants: it never gets keys, so all its records are
 * plain, and it is heard when it would have begun to use the next level's.
 */
#ifndef NET_QUIC_QUIC_BIO_H
#define NET_QUIC_QUIC_BIO_H

#include <mbedtls/ssl.h>

#include "base/compiler.h"
#include "base/str.h"

struct quic_bio;

/* What is done with it: a constant row. Errors are Mbed TLS's and end the handshake. */
struct quic_bio_ops {
	/* Handshake messages, whole ones, to be sent at the level that is written now. */
	int (*write)(struct quic_bio *bio, struct str messages);
	/* A fatal alert: RFC 9001, 4.8. */
	void (*alert)(struct quic_bio *bio, unsigned char description);
	/* From here on the next encryption level is written, or read: first Handshake, then 1-RTT. */
	void (*write_next)(struct quic_bio *bio);
	void (*read_next)(struct quic_bio *bio);
	/* The body of the extension quic_transport_parameters, for EncryptedExtensions; absent ends the handshake. */
	struct str (*transport_params)(struct quic_bio *bio);
};

struct quic_bio {
	const struct quic_bio_ops *ops;
	struct str header, message; /* of the record that is read next: what is left of it */
	char header_bytes[5];
};

/* Makes the session ours. */
void quic_bio_attach(struct quic_bio *bio, const struct quic_bio_ops *ops, mbedtls_ssl_context *ssl);
/* One whole handshake message to be read, of QUIC_MESSAGE_MAX bytes at most; must stay until it was. */
void quic_bio_feed(struct quic_bio *bio, struct str message);
/* All of it was read. */
static inline bool quic_bio_hungry(const struct quic_bio *bio)
{
	return bio->header.len == 0 && bio->message.len == 0;
}

/* A record's: one message must fit into one. */
enum { QUIC_MESSAGE_MAX = 16384 };

#endif
