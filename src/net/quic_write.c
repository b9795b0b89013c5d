/* SPDX-License-Identifier: MIT */
/*
 * A connection's output. ngtcp2 makes a packet at a time, filled with frames of as many streams as fit; packets of one size
 * to one address become a train, written where it will be sent from.
 */
#include <string.h>

#include "net/quic_inside.h"

/* Where packets go until they leave for the socket's outbox. */
struct writer {
	struct quic_conn *conn;
	struct udp_socket *socket;
	uint8_t *at; /* of the train; NULL: not reserved */
	struct udp_train train;
	size_t bytes, packets; /* since room was reserved */
	bool ended;	       /* by a shorter datagram: nothing can follow it in the train */
};

/* ── One packet ── */

/* Nothing can be sent on any stream while the connection's window is used up: then no stream is to blame. */
static bool window_open(const struct quic_conn *conn)
{
	return ngtcp2_conn_get_max_data_left(conn->ngtcp2) > 0;
}

static bool pull(struct quic_conn *conn, struct quic_output *output)
{
	*output = (struct quic_output){ .stream = -1 };
	if (conn->stage == QUIC_OPEN && window_open(conn) && conn->protocol->output(conn->state, output))
		return true;
	output->stream = -1;
	return false;
}

static ngtcp2_ssize write_some(struct quic_conn *conn, ngtcp2_path *path, ngtcp2_pkt_info *info, uint8_t *to,
			       size_t len, const struct quic_output *output, ngtcp2_ssize *taken)
{
	uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_MORE | (output->fin ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0);
	const void *vectors = output->vec;

	return ngtcp2_conn_writev_stream(conn->ngtcp2, path, info, to, len, taken, flags, output->stream, vectors,
					 output->n, conn->endpoint->now);
}

/* Bytes of the packet; 0: nothing to send, or not now; or an error of the connection. */
static ngtcp2_ssize write_packet(struct quic_conn *conn, ngtcp2_path *path, ngtcp2_pkt_info *info, uint8_t *to,
				 size_t len)
{
	bool wanted = true;

	for (;;) {
		struct quic_output output = { .stream = -1 };
		ngtcp2_ssize taken = -1;
		wanted = wanted && pull(conn, &output);
		if (conn->stage == QUIC_ENDING)
			return NGTCP2_ERR_CALLBACK_FAILURE;
		ngtcp2_ssize n = write_some(conn, path, info, to, len, &output, &taken);
		if (n == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
			wanted = window_open(conn);
			if (wanted)
				conn->protocol->blocked(conn->state, output.stream);
		} else if (n == NGTCP2_ERR_STREAM_SHUT_WR || n == NGTCP2_ERR_STREAM_NOT_FOUND) {
			conn->protocol->write_shut(conn->state, output.stream);
		} else {
			if (output.stream >= 0 && taken >= 0)
				conn->protocol->taken(conn->state, output.stream, (size_t)taken);
			if (n != NGTCP2_ERR_WRITE_MORE)
				return n;
		}
	}
}

/* ── Trains ── */

static void train_leaves(struct writer *writer)
{
	if (writer->train.len)
		udp_commit(writer->socket, &writer->train);
	writer->at += writer->train.len;
	writer->train.len = 0;
	writer->ended = false;
}

static bool reserve(struct writer *writer, size_t packet_max)
{
	if (writer->at && writer->bytes + packet_max <= UDP_TRAIN_MAX && writer->packets < UDP_TRAIN_DATAGRAMS)
		return true;
	if (writer->at)
		train_leaves(writer);
	writer->at = udp_reserve(writer->socket);
	writer->bytes = writer->packets = 0;
	return writer->at != NULL;
}

static bool fits(const struct writer *writer, const struct udp_path *path, size_t len, uint8_t ecn)
{
	return writer->train.len && !writer->ended && len <= writer->train.segment && ecn == writer->train.ecn &&
	       udp_address_equal(&path->remote, &writer->train.path.remote) &&
	       udp_address_equal(&path->local, &writer->train.path.local);
}

static struct udp_path path_of(const ngtcp2_path *path)
{
	struct udp_path to = { .local.len = path->local.addrlen, .remote.len = path->remote.addrlen };
	memcpy(&to.local.any, path->local.addr, path->local.addrlen);
	memcpy(&to.remote.any, path->remote.addr, path->remote.addrlen);
	return to;
}

/* The packet lies behind the train, whose last it may become. */
static void append(struct writer *writer, const ngtcp2_path *by, size_t len, uint8_t ecn)
{
	struct udp_path path = path_of(by);
	struct udp_socket *socket = quic_socket_of(by);

	if (socket != writer->socket) {
		/* On its way over: a probe of another path, whose socket has an outbox of its own. */
		udp_say(socket, &path, (struct str){ (const char *)writer->at + writer->train.len, len });
		return;
	}
	if (!fits(writer, &path, len, ecn)) {
		train_leaves(writer);
		writer->train = (struct udp_train){ .path = path, .segment = len, .ecn = ecn };
	}
	writer->ended = len < writer->train.segment;
	writer->train.len += len;
	writer->bytes += len;
	writer->packets++;
}

bool quic_conn_write(struct quic_conn *conn)
{
	struct writer writer = { .conn = conn, .socket = quic_socket_of(ngtcp2_conn_get_path(conn->ngtcp2)) };
	size_t packet_max = ngtcp2_conn_get_max_tx_udp_payload_size(conn->ngtcp2);
	size_t quantum = ngtcp2_conn_get_send_quantum(conn->ngtcp2), sent = 0;
	bool room = true;

	while (sent == 0 || sent + packet_max <= quantum) {
		ngtcp2_path_storage path;
		ngtcp2_pkt_info info = { 0 };
		room = reserve(&writer, packet_max);
		if (!room)
			break;
		ngtcp2_path_storage_zero(&path);
		ngtcp2_ssize n = write_packet(conn, &path.path, &info, writer.at + writer.train.len, packet_max);
		if (n < 0)
			quic_conn_failed(conn, (int)n);
		if (n <= 0)
			break;
		append(&writer, &path.path, (size_t)n, info.ecn);
		sent += (size_t)n;
	}
	if (writer.at)
		train_leaves(&writer);
	if (sent)
		ngtcp2_conn_update_pkt_tx_time(conn->ngtcp2, conn->endpoint->now);
	return room;
}
