/* SPDX-License-Identifier: MIT */
/*
 * Any datagrams into a QUIC endpoint: as they are, as frames of a properly protected Initial packet, or as the bytes of
 * a ClientHello in one.
 *
 * The input is a row of pieces: a byte that says how, a length of two bytes, the bytes.
 */
#include "../support/quic_bench.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	MOST_PIECES = 12,
	HOW_RAW = 0,
	HOW_FRAMES = 1,
	HOW_HELLO = 2,
	VERSION_2 = 4,
	OTHER_CLIENT = 8,
	MOST_BYTES = 3900
};

struct client {
	ngtcp2_cid dcid;
	size_t said; /* bytes of its ClientHello */
	uint8_t number;
};

static void client_new(struct client *client)
{
	static uint64_t n;
	*client = (struct client){ .dcid.datalen = 8 };
	n++;
	memcpy(client->dcid.data, &n, sizeof(n));
}

static void send_frames(struct bench *bench, struct client *client, uint32_t version, const uint8_t *at, size_t len)
{
	uint8_t packet[BENCH_PAYLOAD + 200];
	bench_feed(bench, packet, bench_initial(packet, version, &client->dcid, client->number++, at, len));
}

static void send_hello(struct bench *bench, struct client *client, uint32_t version, const uint8_t *at, size_t len)
{
	uint8_t frame[MOST_BYTES + 8] = { 0x06 };
	size_t n = 1;
	n += bench_varint(frame + n, client->said);
	n += bench_varint(frame + n, len);
	memcpy(frame + n, at, len);
	send_frames(bench, client, version, frame, n + len);
	client->said = (client->said + len) & 0x3fff;
}

static void send_piece(struct bench *bench, struct client *client, uint8_t how, const uint8_t *at, size_t len)
{
	uint32_t version = how & VERSION_2 ? NGTCP2_PROTO_VER_V2 : NGTCP2_PROTO_VER_V1;

	if (how & OTHER_CLIENT)
		client_new(client);
	if ((how & 3) == HOW_FRAMES)
		send_frames(bench, client, version, at, len);
	else if ((how & 3) == HOW_HELLO)
		send_hello(bench, client, version, at, len);
	else
		bench_feed(bench, at, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bench bench;
	const struct quic_settings settings = { .max_connections = 64, .retry_threshold = 8, .max_half_open = 16 };
	struct client client;

	if (!bench.endpoint)
		bench_begin(&bench, &settings);
	client_new(&client);
	for (int i = 0; i < MOST_PIECES && size >= 3; i++) {
		size_t len = (size_t)data[1] | (size_t)data[2] << 8;
		len = len > size - 3 ? size - 3 : len;
		len = len > MOST_BYTES ? MOST_BYTES : len;
		send_piece(&bench, &client, data[0], data + 3, len);
		data += 3 + len;
		size -= 3 + len;
		if (i % 3 == 2)
			bench_turn(&bench);
	}
	bench_turn(&bench);
	bench_clear(bench.endpoint);
	return 0;
}
