/* SPDX-License-Identifier: MIT */
/*
 * A UDP socket in the loop, made for QUIC: datagrams arrive in batches and leave as trains.
 *
 * train    datagrams of one size (the last may be shorter) to one address, handed to the kernel in one piece (GSO) where
 *          it can cut them apart, one by one where it cannot
 * outbox   trains of one turn, from any connection, sent by one system call
 *
 * No memory is allocated per packet: what arrives lies in an inbox shared by sockets until the receiver returns, what
 * leaves is written straight into the outbox.
 */
#ifndef NET_UDP_H
#define NET_UDP_H

#include <netinet/in.h>

#include "loop/loop.h"

struct udp_address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t len;
};

struct udp_path {
	struct udp_address local, remote;
};

enum {
	UDP_TRAIN_MAX = 65507,	  /* bytes: the most that one IPv4 datagram may carry */
	UDP_TRAIN_DATAGRAMS = 64, /* what every kernel with GSO takes */
};

struct udp_datagram {
	struct udp_path path;
	const uint8_t *at;
	size_t len;
	uint8_t ecn; /* the two bits (RFC 3168) */
};

struct udp_train {
	struct udp_path path;
	size_t len;	/* of all datagrams */
	size_t segment; /* of each but the last */
	uint8_t ecn;
};

struct udp_socket;
struct udp_inbox;
struct udp_outbox;

struct udp_user {
	/* One datagram. What it points to is gone when this returns. */
	void (*received)(struct udp_socket *socket, const struct udp_datagram *datagram);
	/* All that had arrived has been delivered (or as much as one turn allows). */
	void (*received_all)(struct udp_socket *socket);
	/* The outbox has room again after udp_reserve had none. */
	void (*writable)(struct udp_socket *socket);
};

struct udp_socket {
	uv_poll_t *poll;
	int fd;
	struct udp_address local; /* as bound; the port always */
	bool wildcard;		  /* bound to all addresses: the kernel tells which one was meant */
	bool cuts_trains;	  /* the kernel does (GSO) */
	struct udp_inbox *inbox;
	struct udp_outbox *outbox;
	const struct udp_user *user;
	void *owner;
};

/* Room for one batch of datagrams; NULL without memory. */
must_use struct udp_inbox *udp_inbox_new(void);
void udp_inbox_free(struct udp_inbox *inbox);

/*
 * Takes the bound descriptor over (bind_udp), also on failure, and begins to receive. `owner` is the user's own. 0 or a
 * negative uv error.
 */
must_use int udp_open(struct udp_socket *socket, struct loop *loop, int fd, struct udp_inbox *inbox,
		      const struct udp_user *user, void *owner);
/* At once: what is in the outbox is dropped. Harmless on one that is not open. */
void udp_close(struct udp_socket *socket);

/* Where the next train is to be written, UDP_TRAIN_MAX bytes at most; NULL: the kernel takes no more, wait for
 * `writable`. */
must_use uint8_t *udp_reserve(struct udp_socket *socket);
/* The bytes at udp_reserve's last answer are a train. It leaves with udp_flush, or earlier. */
void udp_commit(struct udp_socket *socket, const struct udp_train *train);
void udp_flush(struct udp_socket *socket);
/* One datagram that may as well be lost: dropped when there is no room. */
void udp_say(struct udp_socket *socket, const struct udp_path *path, struct str bytes);

bool udp_address_equal(const struct udp_address *a, const struct udp_address *b);

#endif
