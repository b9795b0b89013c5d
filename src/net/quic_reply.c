/* SPDX-License-Identifier: MIT */
/* Answers to packets that belong to no connection. None is longer than what it answers, and none leaves state behind. */
#include "base/random.h"
#include "net/quic_inside.h"

enum {
	RESET_MAX = 43, /* looks like any short packet (RFC 9000, 10.3) */
	RESET_MIN = NGTCP2_STATELESS_RESET_TOKENLEN + NGTCP2_MIN_STATELESS_RESET_RANDLEN,
	REPLY_MAX = NGTCP2_MAX_UDP_PAYLOAD_SIZE,
};

const uint32_t quic_versions[2] = { NGTCP2_PROTO_VER_V1, NGTCP2_PROTO_VER_V2 };

static void say(struct udp_socket *socket, const struct udp_datagram *datagram, const uint8_t *at, ngtcp2_ssize n)
{
	if (n > 0 && (size_t)n <= datagram->len)
		udp_say(socket, &datagram->path, (struct str){ (const char *)at, (size_t)n });
}

/*
 * A version that nobody speaks, so that clients keep skipping what they do not know (RFC 9000, 15). Not the one that this
 * client has tried: it would drop the packet (6.2).
 */
static uint32_t odd_version(uint32_t tried)
{
	uint32_t version;

	random_bytes(&version, sizeof(version));
	version = (version & 0xf0f0f0f0) | 0x0a0a0a0a;
	return version == tried ? version ^ 0x10101010 : version;
}

void quic_reply_versions(struct udp_socket *socket, const struct udp_datagram *datagram, const ngtcp2_version_cid *ids)
{
	uint8_t packet[REPLY_MAX], noise;
	uint32_t offered[] = { quic_versions[0], quic_versions[1], odd_version(ids->version) };

	random_bytes(&noise, sizeof(noise));
	metric_add(METRIC_QUIC_VERSION_NEGOTIATIONS, 1);
	say(socket, datagram, packet,
	    ngtcp2_pkt_write_version_negotiation(packet, sizeof(packet), noise, ids->scid, ids->scidlen, ids->dcid,
						 ids->dcidlen, offered, countof(offered)));
}

void quic_reply_retry(struct quic_endpoint *endpoint, struct udp_socket *socket, const struct udp_datagram *datagram,
		      const ngtcp2_pkt_hd *head)
{
	ngtcp2_cid fresh = { .datalen = QUIC_CID_BYTES };
	struct quic_token token;
	uint8_t packet[REPLY_MAX];

	random_bytes(fresh.data, fresh.datalen);
	if (quic_token_for_retry(&endpoint->secrets, &datagram->path.remote, head->version, &fresh, &head->dcid,
				 endpoint->now, &token))
		return;
	metric_add(METRIC_QUIC_RETRIES, 1);
	say(socket, datagram, packet,
	    ngtcp2_crypto_write_retry(packet, sizeof(packet), head->version, &head->scid, &fresh, &head->dcid,
				      token.bytes, token.len));
}

void quic_reply_refusal(struct quic_endpoint *endpoint, struct udp_socket *socket, const struct udp_datagram *datagram,
			const ngtcp2_pkt_hd *head, uint64_t code)
{
	uint8_t packet[REPLY_MAX];

	if (!quic_allowed(&endpoint->stateless, endpoint->now))
		return;
	say(socket, datagram, packet,
	    ngtcp2_crypto_write_connection_close(packet, sizeof(packet), head->version, &head->scid, &head->dcid, code,
						 NULL, 0));
}

/* Shorter than what it answers: two endpoints that have both forgotten each other fall silent. */
void quic_reply_reset(struct quic_endpoint *endpoint, struct udp_socket *socket, const struct udp_datagram *datagram,
		      const ngtcp2_version_cid *ids)
{
	uint8_t packet[RESET_MAX], token[NGTCP2_STATELESS_RESET_TOKENLEN], noise[RESET_MAX];
	size_t len = datagram->len > RESET_MAX ? RESET_MAX : datagram->len - 1;
	ngtcp2_cid cid;

	if (len < RESET_MIN || !quic_allowed(&endpoint->stateless, endpoint->now))
		return;
	ngtcp2_cid_init(&cid, ids->dcid, ids->dcidlen);
	if (quic_reset_token(&endpoint->secrets, &cid, token))
		return;
	random_bytes(noise, sizeof(noise));
	metric_add(METRIC_QUIC_RESETS_SENT, 1);
	say(socket, datagram, packet, ngtcp2_pkt_write_stateless_reset(packet, len, token, noise, len - sizeof(token)));
}
