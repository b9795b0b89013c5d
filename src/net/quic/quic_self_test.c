/* SPDX-License-Identifier: MIT */
/* Whether the linker's wraps are in this build: one half of a handshake, and what was seen of it. */
#include "net/quic/quic_self_test.h"

#include <string.h>

#include "net/quic/quic_bio.h"

enum { HELLO_LEN = 124, FINISHED = 20 };

/* The least ClientHello that a server of TLS 1.3 answers: X25519 (the base point as its share), the three suites, and the
 * signatures of all keys that a certificate of ours may have. */
static const char hello[HELLO_LEN] =
	"\x01\x00\x00\x78\x03\x03"
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" /* random */
	"\x00"								   /* session id */
	"\x00\x06\x13\x01\x13\x02\x13\x03\x01\x00"			   /* suites, compression */
	"\x00\x49"
	"\x00\x2b\x00\x03\x02\x03\x04"					   /* supported_versions */
	"\x00\x0a\x00\x04\x00\x02\x00\x1d"				   /* supported_groups */
	"\x00\x0d\x00\x0c\x00\x0a\x04\x03\x05\x03\x08\x04\x08\x05\x08\x06" /* signature_algorithms */
	"\x00\x33\x00\x26\x00\x24\x00\x1d\x00\x20\x09\0\0\0\0\0\0\0"	   /* key_share */
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

struct probe {
	struct quic_bio bio;
	unsigned n_written_levels, n_read_levels, n_params;
	unsigned char last_type; /* of the handshake messages written */
};

static struct probe *probe_of(struct quic_bio *bio)
{
	return container_of(bio, struct probe, bio);
}

static int saw_messages(struct quic_bio *bio, struct str messages)
{
	if (messages.len)
		probe_of(bio)->last_type = (unsigned char)messages.at[0];
	return 0;
}

static void saw_alert(struct quic_bio *bio, unsigned char description)
{
	(void)bio, (void)description;
}

static void saw_write_next(struct quic_bio *bio)
{
	probe_of(bio)->n_written_levels++;
}

static void saw_read_next(struct quic_bio *bio)
{
	probe_of(bio)->n_read_levels++;
}

static struct str some_params(struct quic_bio *bio)
{
	probe_of(bio)->n_params++;
	return STR("");
}

static const struct quic_bio_ops probe_ops = {
	.write = saw_messages,
	.alert = saw_alert,
	.write_next = saw_write_next,
	.read_next = saw_read_next,
	.transport_params = some_params,
};

int quic_self_test(const mbedtls_ssl_config *config, int (*shake)(void *owner, mbedtls_ssl_context *ssl), void *owner,
		   struct arena *arena, struct str *said)
{
	struct probe probe = { .n_params = 0 };
	owned(mbedtls_ssl_free) mbedtls_ssl_context ssl;

	mbedtls_ssl_init(&ssl);
	if (mbedtls_ssl_setup(&ssl, config)) {
		*said = STR("QUIC cannot be set up: out of memory");
		return -1;
	}
	quic_bio_attach(&probe.bio, &probe_ops, &ssl);
	quic_bio_feed(&probe.bio, (struct str){ hello, HELLO_LEN });
	int result = shake(owner, &ssl);
	if (result == MBEDTLS_ERR_SSL_WANT_READ && probe.n_written_levels == 1 && probe.n_read_levels == 1 &&
	    probe.n_params == 1 && probe.last_type == FINISHED)
		return 0;
	*said = arena_printf(
		arena,
		"QUIC cannot work in this build: Mbed TLS does not come by where it should (hooks for levels "
		"written %u, read %u, transport parameters %u, each should be 1; result -0x%04x); was it linked "
		"without --wrap, or with link-time optimisation?",
		probe.n_written_levels, probe.n_read_levels, probe.n_params, (unsigned)-result);
	return -1;
}
