/* SPDX-License-Identifier: MIT */
/*
 * An endpoint on loopback that is fed datagrams by hand, and packets as a client would protect them: for tests and fuzz
 * targets of what comes before and after the end of a handshake.
 */
#ifndef SUPPORT_QUIC_BENCH_H
#define SUPPORT_QUIC_BENCH_H

#include <arpa/inet.h>
#include <ftw.h>
#include <ngtcp2_crypto_shared.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/cert.h"
#include "net/quic_inside.h"

enum { BENCH_DATAGRAM = 1200, BENCH_PAYLOAD = 4096 };

/* ── A protocol that does nothing ── */

static inline void *bench_open(struct quic_conn *conn, void *server)
{
	(void)server;
	return conn;
}

static inline void bench_stream_data(void *state, int64_t stream, struct str bytes, bool fin)
{
	(void)fin;
	quic_conn_consumed(state, stream, bytes.len);
}

static inline void bench_code(void *state, int64_t stream, uint64_t code)
{
	(void)state, (void)stream, (void)code;
}

static inline void bench_max(void *state, uint64_t max)
{
	(void)state, (void)max;
}

static inline bool bench_output(void *state, struct quic_output *output)
{
	(void)state, (void)output;
	return false;
}

static inline void bench_size(void *state, int64_t stream, size_t n)
{
	(void)state, (void)stream, (void)n;
}

static inline void bench_stream(void *state, int64_t stream)
{
	(void)state, (void)stream;
}

static inline void bench_nothing(void *state)
{
	(void)state;
}

static inline bool bench_never(void *state)
{
	(void)state;
	return false;
}

static const struct quic_protocol bench_protocol = {
	.alpn = "h3",
	.no_error = 0x100,
	.open = bench_open,
	.stream_data = bench_stream_data,
	.stream_reset = bench_code,
	.stream_closed = bench_code,
	.streams_allowed = bench_max,
	.output = bench_output,
	.taken = bench_size,
	.acked = bench_size,
	.blocked = bench_stream,
	.writable = bench_stream,
	.write_shut = bench_stream,
	.pump = bench_nothing,
	.drain = bench_nothing,
	.timed_out = bench_never,
	.closed = bench_nothing,
};

/* ── The endpoint ── */

struct bench {
	struct loop loop;
	struct arena *arena;
	struct quic_endpoint *endpoint;
	struct udp_path path; /* from whom the datagrams seem to come */
};

static inline int bench_remove(const char *path, const struct stat *facts, int kind, struct FTW *at)
{
	(void)facts, (void)kind, (void)at;
	return remove(path);
}

static inline struct tls_context *bench_tls(struct arena *arena)
{
	char dir[] = "/tmp/quic_bench.XXXXXX";
	struct str said = STR_ABSENT;
	struct tls_context *tls = NULL;

	check(mkdtemp(dir));
	check(cert_init(dir, (struct str_list){ 0 }, arena, &said) == 0);
	struct cert_files files = cert_files_in(dir, arena);
	struct tls_settings settings = { .pairs = { { files.cert, files.key } }, .n_pairs = 1 };
	check(tls_context_new(&settings, arena, &tls, &said) == 0);
	nftw(dir, bench_remove, 8, FTW_DEPTH | FTW_PHYS);
	return tls;
}

/* `wanted` gives the limits, and protocols if they are to do something; the rest is filled in. */
static inline void bench_begin(struct bench *bench, const struct quic_settings *wanted)
{
	static const struct quic_protocol *const protocols[] = { &bench_protocol, NULL };
	struct str address = STR("127.0.0.1"), said = STR_ABSENT;
	struct quic_settings settings = *wanted;

	*bench = (struct bench){ .arena = arena_new(1 << 20) };
	check(loop_init(&bench->loop) == 0);
	settings.addresses = (struct str_list){ &address, 1 };
	settings.protocols = settings.protocols ?: protocols;
	settings.tls = bench_tls(bench->arena);
	check(quic_endpoint_open(&bench->loop, &settings, bench->arena, &bench->endpoint, &said) == 0);
	tls_context_free(settings.tls);
	bench->path.local = bench->endpoint->sockets[0].local;
	bench->path.remote.v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(9) };
	bench->path.remote.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bench->path.remote.len = sizeof(bench->path.remote.v4);
}

static inline void bench_turn(struct bench *bench)
{
	uv_run(&bench->loop.uv, UV_RUN_NOWAIT);
}

static inline void bench_ignore(void *arg)
{
	(void)arg;
}

static inline void bench_end(struct bench *bench)
{
	quic_endpoint_close(bench->endpoint, bench_ignore, NULL);
	loop_run(&bench->loop);
	loop_deinit(&bench->loop);
	arena_free(bench->arena);
}

/* In memory of its own size, so that whoever reads past its end is caught. */
static inline void bench_feed(struct bench *bench, const uint8_t *at, size_t len)
{
	struct udp_socket *socket = &bench->endpoint->sockets[0];
	struct udp_datagram datagram = { .path = bench->path, .len = len };
	uint8_t *copy = malloc(len ? len : 1);

	check(copy);
	memcpy(copy, at, len);
	datagram.at = copy;
	socket->user->received(socket, &datagram);
	free(copy);
}

/* What an input leaves behind must not reach the next one. */
static inline void bench_clear(struct quic_endpoint *endpoint)
{
	struct quic_conn *conn;
	list_each(conn, &endpoint->conns, link)
	{
		quic_conn_leave(conn, QUIC_EXIT_SILENT);
		quic_conn_end(conn);
	}
	quic_endings_drop(endpoint);
	check(endpoint->n_connections == 0 && endpoint->n_half_open == 0 && endpoint->cids.n == 0);
}

/* ── A client's packets ── */

static inline size_t bench_varint(uint8_t *to, size_t number)
{
	to[0] = (uint8_t)(0x40 | number >> 8);
	to[1] = (uint8_t)number;
	return 2;
}

struct bench_keys {
	ngtcp2_crypto_ctx crypto;
	ngtcp2_crypto_aead_ctx aead;
	ngtcp2_crypto_cipher_ctx hp;
	uint8_t iv[12];
};

/* keys->crypto says for which suite; AES-128-GCM. */
static inline void bench_keys_derive(struct bench_keys *keys, uint32_t version, const uint8_t secret[32])
{
	uint8_t key[16], hp[16];

	check(ngtcp2_crypto_derive_packet_protection_key(key, keys->iv, hp, version, &keys->crypto.aead,
							 &keys->crypto.md, secret, 32) == 0);
	check(ngtcp2_crypto_aead_ctx_encrypt_init(&keys->aead, &keys->crypto.aead, key, sizeof(keys->iv)) == 0);
	check(ngtcp2_crypto_cipher_ctx_encrypt_init(&keys->hp, &keys->crypto.hp, hp) == 0);
}

static inline void bench_keys_make(struct bench_keys *keys, uint32_t version, const ngtcp2_cid *dcid)
{
	uint8_t rx[32], tx[32], initial[32];

	ngtcp2_crypto_ctx_initial(&keys->crypto);
	check(ngtcp2_crypto_derive_initial_secrets(rx, tx, initial, version, dcid, NGTCP2_CRYPTO_SIDE_CLIENT) == 0);
	bench_keys_derive(keys, version, tx);
}

static inline void bench_keys_drop(struct bench_keys *keys)
{
	ngtcp2_crypto_aead_ctx_free(&keys->aead);
	ngtcp2_crypto_cipher_ctx_free(&keys->hp);
}

/* Protects a packet whose head of n bytes ends with a packet number of one; its size. */
static inline size_t bench_seal(uint8_t *to, const struct bench_keys *keys, const uint8_t *head, size_t n,
				const uint8_t *payload, size_t size)
{
	uint8_t nonce[12], mask[16];

	memcpy(nonce, keys->iv, sizeof(nonce));
	nonce[11] ^= head[n - 1];
	memcpy(to, head, n);
	check(ngtcp2_crypto_encrypt(to + n, &keys->crypto.aead, &keys->aead, payload, size, nonce, sizeof(nonce), head,
				    n) == 0);
	check(ngtcp2_crypto_hp_mask(mask, &keys->crypto.hp, &keys->hp, to + n + 3) == 0);
	to[0] ^= mask[0] & (head[0] & 0x80 ? 0x0f : 0x1f);
	to[n - 1] ^= mask[1];
	return n + size + 16;
}

/* Writes one protected packet of the frames, padded to a whole datagram; its size. `to` has BENCH_PAYLOAD + 200 bytes. */
static inline size_t bench_initial(uint8_t *to, uint32_t version, const ngtcp2_cid *dcid, uint8_t number,
				   const uint8_t *frames, size_t len)
{
	uint8_t head[64], payload[BENCH_PAYLOAD] = { 0 };
	struct bench_keys keys;
	size_t n = 0, size = len > BENCH_DATAGRAM ? len : BENCH_DATAGRAM;

	memcpy(payload, frames, len);
	head[n++] = version == NGTCP2_PROTO_VER_V2 ? 0xd0 : 0xc0;
	for (int shift = 24; shift >= 0; shift -= 8)
		head[n++] = (uint8_t)(version >> shift);
	head[n++] = (uint8_t)dcid->datalen;
	memcpy(head + n, dcid->data, dcid->datalen);
	n += dcid->datalen;
	head[n++] = 4;
	memcpy(head + n, "self", 4);
	n += 4;
	head[n++] = 0; /* no token */
	n += bench_varint(head + n, 1 + size + 16);
	head[n++] = number;
	bench_keys_make(&keys, version, dcid);
	size_t sealed = bench_seal(to, &keys, head, n, payload, size);
	bench_keys_drop(&keys);
	return sealed;
}

/* ── A client's first words ── */

struct bench_hello {
	const char *alpn; /* NULL: no such extension */
	bool no_parameters;
};

static inline void bench_extension(struct buf *to, unsigned kind, struct str body)
{
	const char head[] = { (char)(kind >> 8), (char)kind, (char)(body.len >> 8), (char)body.len };
	buf_add(to, (struct str){ head, sizeof(head) });
	buf_add(to, body);
}

static inline void bench_extensions(struct buf *to, const struct bench_hello *hello)
{
	char alpn[64];

	bench_extension(to, 0x2b, STR("\x02\x03\x04"));
	bench_extension(to, 0x0a, STR("\x00\x02\x00\x1d"));
	bench_extension(to, 0x0d, STR("\x00\x04\x04\x03\x08\x04"));
	bench_extension(to, 0x33,
			STR("\x00\x24\x00\x1d\x00\x20"
			    "a point on the curve, 32 bytes..."));
	if (hello->alpn) {
		int n = snprintf(alpn + 3, sizeof(alpn) - 3, "%s", hello->alpn);
		alpn[0] = 0;
		alpn[1] = (char)(n + 1);
		alpn[2] = (char)n;
		bench_extension(to, 0x10, (struct str){ alpn, (size_t)n + 3 });
	}
	if (!hello->no_parameters)
		bench_extension(to, 0x39, STR("\x0f\x04self\x04\x04\x80\x10\x00\x00\x09\x01\x03"));
}

/* Sends a ClientHello from bench->path, in one datagram. */
static inline void bench_hello(struct bench *bench, const ngtcp2_cid *dcid, const struct bench_hello *hello)
{
	struct buf extensions = buf_of(1024), frame = buf_of(2048);
	uint8_t packet[BENCH_PAYLOAD + 200];

	bench_extensions(&extensions, hello);
	size_t body = 2 + 32 + 1 + 4 + 2 + 2 + extensions.len;
	const char head[] = { 0x06,
			      0x40,
			      0,
			      (char)(0x40 | (body + 4) >> 8),
			      (char)(body + 4), /* CRYPTO from 0 */
			      0x01,
			      0,
			      (char)(body >> 8),
			      (char)body,
			      0x03,
			      0x03 };
	const char length[] = { (char)(extensions.len >> 8), (char)extensions.len };
	buf_add(&frame, (struct str){ head, sizeof(head) });
	buf_add(&frame, STR("thirty-two bytes of no randomnes"));
	buf_add(&frame, STR("\x00\x00\x02\x13\x01\x01\x00")); /* no session, one suite, no compression */
	buf_add(&frame, (struct str){ length, sizeof(length) });
	buf_add(&frame, buf_str(&extensions));
	check(!buf_failed(&frame));
	bench_feed(bench, packet, bench_initial(packet, NGTCP2_PROTO_VER_V1, dcid, 0, (uint8_t *)frame.at, frame.len));
	buf_free(&frame);
	buf_free(&extensions);
}

#endif
