/* SPDX-License-Identifier: MIT */
/*
 * The closing and draining states (RFC 9000, 10.2). A connection that is over lives on for three PTOs as its ids and one
 * packet, so that packets still on their way start no new one, and a peer that missed the close hears it again.
 */
#include <string.h>

#include "net/quic_inside.h"

enum { FEWEST_PTOS = 3, AMPLIFICATION = 3 };

struct quic_ending {
	struct quic_owner owner;
	struct quic_endpoint *endpoint;
	struct link link; /* in endpoint->endings, oldest first */
	struct quic_due due;
	uint64_t received, answer_at; /* datagrams: the close is repeated at the 1st, 2nd, 4th, 8th… */
	size_t bytes_in, bytes_out;
	size_t len;
	uint8_t packet[];
};

static void ending_free(struct quic_ending *ending)
{
	struct quic_endpoint *endpoint = ending->endpoint;

	quic_due_forget(&endpoint->timers, &ending->due);
	quic_owner_forget(&ending->owner);
	list_remove(&ending->link);
	endpoint->n_endings--;
	free(ending);
}

static void over(struct quic_due *due)
{
	ending_free(container_of(due, struct quic_ending, due));
}

/* The oldest goes when there are more than connections may be: their memory is bounded too. */
static bool make_room(struct quic_endpoint *endpoint)
{
	if (endpoint->n_endings >= endpoint->settings.max_connections)
		ending_free(list_entry(endpoint->endings.next, struct quic_ending, link));
	size_t n = endpoint->n_connections + endpoint->n_endings + 1;
	return quic_timers_admit(&endpoint->timers, n) == 0;
}

void quic_ending_begin(struct quic_conn *conn, struct udp_socket *socket, const struct udp_path *path,
		       struct str close_packet)
{
	struct quic_endpoint *endpoint = conn->endpoint;
	struct quic_ending *ending = make_room(endpoint) ? calloc(1, sizeof(*ending) + close_packet.len) : NULL;

	if (close_packet.len)
		udp_say(socket, path, close_packet);
	if (!ending) {
		quic_owner_forget(&conn->owner);
		return;
	}
	quic_owner_init(&ending->owner, QUIC_OWNER_ENDING);
	ending->endpoint = endpoint;
	ending->answer_at = 1;
	ending->bytes_in = close_packet.len; /* the first answer was ngtcp2's to allow */
	ending->bytes_out = close_packet.len;
	ending->len = close_packet.len;
	memcpy(ending->packet, close_packet.at, close_packet.len);
	ending->due.passed = over;
	list_push_back(&endpoint->endings, &ending->link);
	endpoint->n_endings++;
	quic_owner_succeed(&ending->owner, &conn->owner);
	quic_due_set(&endpoint->timers, &ending->due, endpoint->now + FEWEST_PTOS * ngtcp2_conn_get_pto(conn->ngtcp2));
}

/* It goes to where the packet came from, and so never more than three times what came (RFC 9000, 10.2.1). */
void quic_ending_received(struct quic_owner *owner, struct udp_socket *socket, const struct udp_datagram *datagram)
{
	struct quic_ending *ending = container_of(owner, struct quic_ending, owner);

	ending->bytes_in += datagram->len;
	if (++ending->received < ending->answer_at || ending->len == 0 ||
	    ending->bytes_out + ending->len > AMPLIFICATION * ending->bytes_in)
		return;
	ending->answer_at *= 2;
	ending->bytes_out += ending->len;
	udp_say(socket, &datagram->path, (struct str){ (const char *)ending->packet, ending->len });
	loop_flush_later(ending->endpoint->loop, &ending->endpoint->flusher);
}

void quic_endings_drop(struct quic_endpoint *endpoint)
{
	struct quic_ending *ending;
	list_each(ending, &endpoint->endings, link) ending_free(ending);
}
