/* SPDX-License-Identifier: MIT */
/*
 * Any frames in properly protected packets of a client whose handshake is done: streams, windows, ids, paths, the end.
 *
 * The input is a row of pieces: a byte that says how, a length of two bytes, the frames.
 */
#include "../support/quic_bench.h"
#include "net/quic/quic_crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Of the library's inside: what it does at a client's first Handshake packet. */
void ngtcp2_conn_discard_initial_state(ngtcp2_conn *conn, ngtcp2_tstamp ts);

enum {
	AES_128_GCM_SHA256 = 0x1301,
	MOST_PIECES = 24,
	MOST_FRAMES = 1300,
	MOST_ANSWERS = 16,
	ANSWER_LEN = 6000,
	MOST_IDS = 16
};
enum { HOW_TURN = 1, HOW_FROM_ELSEWHERE = 2, HOW_SKIPS_NUMBERS = 4, HOW_REPEATS_NUMBER = 8, HOW_OTHER_KEY_PHASE = 16 };

/* ── A protocol that answers each stream with as many bytes, and holds the transport to its contract ── */

struct answer {
	int64_t stream;
	size_t taken, acked;
	bool blocked, shut, closed;
};

struct answers {
	struct quic_conn *conn;
	struct answer all[MOST_ANSWERS];
	size_t n;
};

static struct answer *answer_to(struct answers *answers, int64_t stream)
{
	for (size_t i = 0; i < answers->n; i++)
		if (answers->all[i].stream == stream)
			return &answers->all[i];
	return NULL;
}

static void *answers_open(struct quic_conn *conn, void *server)
{
	struct answers *answers = calloc(1, sizeof(*answers));
	(void)server;
	check(answers);
	answers->conn = conn;
	return answers;
}

static void stream_data(void *state, int64_t stream, struct str bytes, bool fin)
{
	struct answers *answers = state;
	struct answer *answer = answer_to(answers, stream);

	(void)fin;
	check(!answer || !answer->closed);
	quic_conn_consumed(answers->conn, stream, bytes.len);
	if (answer || stream & 3 || answers->n == MOST_ANSWERS)
		return;
	answers->all[answers->n++].stream = stream;
	quic_conn_pump_later(answers->conn);
}

static void stream_reset(void *state, int64_t stream, uint64_t code)
{
	struct answers *answers = state;
	quic_stream_reset(answers->conn, stream, code);
}

static void stream_closed(void *state, int64_t stream, uint64_t code)
{
	struct answers *answers = state;
	struct answer *answer = answer_to(answers, stream);

	(void)code;
	if (stream & 2)
		quic_conn_allow_uni(answers->conn);
	else
		quic_conn_allow_bidi(answers->conn);
	if (!answer)
		return;
	check(!answer->closed);
	answer->closed = true;
}

static bool output(void *state, struct quic_output *output)
{
	static uint8_t bytes[ANSWER_LEN];
	struct answers *answers = state;

	for (size_t i = 0; i < answers->n; i++) {
		struct answer *answer = &answers->all[i];
		if (answer->blocked || answer->shut || answer->closed || answer->taken == ANSWER_LEN)
			continue;
		*output = (struct quic_output){ .stream = answer->stream, .fin = true, .n = 1 };
		output->vec[0] = (struct quic_vec){ bytes + answer->taken, ANSWER_LEN - answer->taken };
		return true;
	}
	return false;
}

static void taken(void *state, int64_t stream, size_t n)
{
	struct answer *answer = answer_to(state, stream);
	check(answer && n <= ANSWER_LEN - answer->taken);
	answer->taken += n;
}

static void acked(void *state, int64_t stream, size_t n)
{
	struct answer *answer = answer_to(state, stream);
	check(answer && n <= answer->taken - answer->acked);
	answer->acked += n;
}

static void blocked(void *state, int64_t stream)
{
	answer_to(state, stream)->blocked = true;
}

static void writable(void *state, int64_t stream)
{
	struct answers *answers = state;
	struct answer *answer = answer_to(answers, stream);
	if (answer)
		answer->blocked = false;
	quic_conn_pump_later(answers->conn);
}

static void write_shut(void *state, int64_t stream)
{
	struct answer *answer = answer_to(state, stream);
	if (answer)
		answer->shut = true;
}

static const struct quic_protocol answering = {
	.alpn = "h3",
	.no_error = 0x100,
	.open = answers_open,
	.stream_data = stream_data,
	.stream_reset = stream_reset,
	.stream_closed = stream_closed,
	.streams_allowed = bench_max,
	.output = output,
	.taken = taken,
	.acked = acked,
	.blocked = blocked,
	.writable = writable,
	.write_shut = write_shut,
	.pump = bench_nothing,
	.drain = bench_nothing,
	.timed_out = bench_never,
	.closed = free,
};

/* ── A client that is spared the second half of the handshake ── */

struct client {
	ngtcp2_cid dcid;
	struct bench_keys keys;
	uint8_t number;
};

static void send_frames(struct bench *bench, struct client *client, unsigned how, const uint8_t *at, size_t len)
{
	uint8_t head[32], payload[MOST_FRAMES + 4] = { 0 }, packet[MOST_FRAMES + 128];
	size_t n = 0;

	memcpy(payload, at, len);
	head[n++] = how & HOW_OTHER_KEY_PHASE ? 0x44 : 0x40;
	memcpy(head + n, client->dcid.data, client->dcid.datalen);
	n += client->dcid.datalen;
	int step = how & HOW_REPEATS_NUMBER ? 0 : how & HOW_SKIPS_NUMBERS ? 4 : 1;
	head[n++] = client->number = (uint8_t)(client->number + step);
	bench->path.remote.v4.sin_port = htons(how & HOW_FROM_ELSEWHERE ? 10 : 9);
	/* Padded, so that there is enough to take the header's mask from. */
	bench_feed(bench, packet, bench_seal(packet, &client->keys, head, n, payload, len < 4 ? 4 : len));
}

/* A PING and padding. Addresses are not proven in this short way: it takes some bytes to be given an answer. */
static void send_padding(struct bench *bench, struct client *client)
{
	static const uint8_t frames[MOST_FRAMES] = { 0x01 };
	for (int i = 0; i < 8; i++)
		send_frames(bench, client, 0, frames, sizeof(frames));
}

/* Both ends take the keys of a secret that is known, as if Finished had come. */
static void client_begin(struct bench *bench, struct client *client)
{
	static const uint8_t secret[32] = "a secret that everybody knows...";
	const struct bench_hello hello = { .alpn = "h3" };
	ngtcp2_cid initial = { .datalen = 8, .data = "whoever" }, ids[MOST_IDS];

	*client = (struct client){ .number = 0 };
	bench->path.remote.v4.sin_port = htons(9);
	bench_hello(bench, &initial, &hello);
	check(bench->endpoint->n_connections == 1);
	bench_turn(bench);
	struct quic_conn *conn = list_entry(bench->endpoint->conns.next, struct quic_conn, link);
	check(quic_crypto_ctx(&client->keys.crypto, AES_128_GCM_SHA256));
	bench_keys_derive(&client->keys, NGTCP2_PROTO_VER_V1, secret);
	check(quic_crypto_install_rx(conn->ngtcp2, NGTCP2_ENCRYPTION_LEVEL_1RTT, secret, sizeof(secret)) == 0);
	ngtcp2_conn_discard_initial_state(conn->ngtcp2, bench->endpoint->now);
	ngtcp2_conn_tls_handshake_completed(conn->ngtcp2);
	check(ngtcp2_conn_get_scid(conn->ngtcp2, NULL) <= MOST_IDS);
	check(ngtcp2_conn_get_scid(conn->ngtcp2, ids) > 0);
	client->dcid = ids[0];
	send_padding(bench, client);
	check(conn->stage == QUIC_OPEN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct quic_protocol *const protocols[] = { &answering, NULL };
	static struct bench bench;
	const struct quic_settings settings = { .retry_threshold = 8, .max_streams = 20, .protocols = protocols };
	struct client client;

	if (!bench.endpoint)
		bench_begin(&bench, &settings);
	client_begin(&bench, &client);
	for (int i = 0; i < MOST_PIECES && size >= 3; i++) {
		size_t len = (size_t)data[1] | (size_t)data[2] << 8;
		len = len > size - 3 ? size - 3 : len;
		len = len > MOST_FRAMES ? MOST_FRAMES : len;
		send_frames(&bench, &client, data[0], data + 3, len);
		if (data[0] & HOW_TURN)
			bench_turn(&bench);
		data += 3 + len;
		size -= 3 + len;
	}
	bench_turn(&bench);
	bench_keys_drop(&client.keys);
	bench_clear(bench.endpoint);
	return 0;
}
