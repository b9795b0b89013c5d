/* SPDX-License-Identifier: MIT */
/* Sending: trains of many connections by one sendmmsg, cut by the kernel (GSO) or, where it cannot, here. */
#include "net/udp_outbox.h"

#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <string.h>

#include "obs/metrics.h"

enum {
	OUTBOX_BYTES = 4 * 65536,
	MESSAGES = 2 * UDP_TRAIN_DATAGRAMS, /* so that one more train always fits, cut or whole */
	CONTROL_BYTES = 96,		    /* address, ECN, size of a train's datagrams */
};

/* A train, or one datagram of it. */
struct message {
	struct iovec bytes;
	struct udp_address to;
	size_t segment;
	size_t uncut_control; /* bytes of control messages without the train's */
	_Alignas(struct cmsghdr) char control[CONTROL_BYTES];
};

struct udp_outbox {
	size_t len;	  /* bytes */
	unsigned n, sent; /* messages */
	bool stuck;	  /* the kernel took no more */
	struct mmsghdr heads[MESSAGES];
	struct message messages[MESSAGES];
	uint8_t bytes[OUTBOX_BYTES];
};

struct udp_outbox *udp_outbox_new(void)
{
	struct udp_outbox *outbox = malloc(sizeof(*outbox));
	if (outbox)
		outbox->len = outbox->n = outbox->sent = outbox->stuck = 0;
	return outbox;
}

/* ── Control messages ── */

static void add_word(struct msghdr *head, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *word = (struct cmsghdr *)(void *)((char *)head->msg_control + head->msg_controllen);

	check(head->msg_controllen + CMSG_SPACE(len) <= CONTROL_BYTES);
	word->cmsg_level = level;
	word->cmsg_type = type;
	word->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(word), data, len);
	head->msg_controllen += CMSG_SPACE(len);
}

static void add_local(struct msghdr *head, const struct udp_address *local)
{
	if (local->any.sa_family == AF_INET) {
		struct in_pktinfo info = { .ipi_spec_dst = local->v4.sin_addr };
		add_word(head, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	} else {
		struct in6_pktinfo info = { .ipi6_addr = local->v6.sin6_addr };
		add_word(head, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	}
}

static void add_ecn(struct msghdr *head, bool v6, int ecn)
{
	if (ecn)
		add_word(head, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS, &ecn, sizeof(ecn));
}

/* ── Filling ── */

static bool has_room(const struct udp_outbox *outbox)
{
	return OUTBOX_BYTES - outbox->len >= UDP_TRAIN_MAX && MESSAGES - outbox->n >= UDP_TRAIN_DATAGRAMS;
}

uint8_t *udp_reserve(struct udp_socket *socket)
{
	struct udp_outbox *outbox = socket->outbox;

	if (!outbox->stuck && !has_room(outbox))
		udp_flush(socket);
	return outbox->stuck ? NULL : outbox->bytes + outbox->len;
}

static void add_message(struct udp_socket *socket, const struct udp_train *train, uint8_t *at, size_t len)
{
	struct udp_outbox *outbox = socket->outbox;
	struct message *message = &outbox->messages[outbox->n];
	struct msghdr *head = &outbox->heads[outbox->n++].msg_hdr;
	uint16_t segment = (uint16_t)train->segment;

	message->bytes = (struct iovec){ at, len };
	message->to = train->path.remote;
	message->segment = train->segment;
	*head = (struct msghdr){ .msg_name = &message->to.any,
				 .msg_namelen = message->to.len,
				 .msg_iov = &message->bytes,
				 .msg_iovlen = 1,
				 .msg_control = message->control };
	if (socket->wildcard)
		add_local(head, &train->path.local);
	add_ecn(head, message->to.any.sa_family == AF_INET6, train->ecn);
	message->uncut_control = head->msg_controllen;
	if (len > train->segment)
		add_word(head, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment));
}

void udp_commit(struct udp_socket *socket, const struct udp_train *train)
{
	struct udp_outbox *outbox = socket->outbox;
	uint8_t *at = outbox->bytes + outbox->len;

	check(train->segment && train->len <= UDP_TRAIN_MAX && train->len <= UDP_TRAIN_DATAGRAMS * train->segment);
	outbox->len += train->len;
	metric_add(METRIC_QUIC_DATAGRAMS_OUT, (int64_t)((train->len + train->segment - 1) / train->segment));
	if (socket->cuts_trains) {
		add_message(socket, train, at, train->len);
		return;
	}
	for (size_t done = 0; done < train->len; done += train->segment)
		add_message(socket, train, at + done,
			    train->len - done < train->segment ? train->len - done : train->segment);
}

void udp_say(struct udp_socket *socket, const struct udp_path *path, struct str bytes)
{
	uint8_t *at = udp_reserve(socket);
	struct udp_train train = { .path = *path, .len = bytes.len, .segment = bytes.len };

	if (!at || bytes.len == 0 || bytes.len > UDP_TRAIN_MAX)
		return;
	memcpy(at, bytes.at, bytes.len);
	udp_commit(socket, &train);
}

/* ── Sending ── */

static bool kernel_is_full(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK;
}

/*
 * The first datagram of a train that the kernel did not cut leaves by itself; the rest stays. False: the kernel is full.
 * Any other failure is as good as loss on the way.
 */
static bool send_first_of(struct udp_socket *socket, struct msghdr *head, struct message *message)
{
	struct iovec first = message->bytes;
	struct msghdr single = *head;

	if (first.iov_len > message->segment)
		first.iov_len = message->segment;
	single.msg_iov = &first;
	single.msg_controllen = message->uncut_control;
	if (single.msg_controllen == 0)
		single.msg_control = NULL;
	if (sendmsg(socket->fd, &single, 0) < 0) {
		if (kernel_is_full(errno))
			return false;
		metric_add(METRIC_QUIC_SEND_FAILURES, 1);
	}
	message->bytes.iov_base = (char *)message->bytes.iov_base + first.iov_len;
	message->bytes.iov_len -= first.iov_len;
	return true;
}

/* EIO: this device cannot cut at all; EINVAL: not datagrams of this size. */
static bool send_cut(struct udp_socket *socket, int error)
{
	struct udp_outbox *outbox = socket->outbox;
	struct message *message = &outbox->messages[outbox->sent];

	if (error == EIO)
		socket->cuts_trains = false;
	while (message->bytes.iov_len)
		if (!send_first_of(socket, &outbox->heads[outbox->sent].msg_hdr, message))
			return false;
	return true;
}

/* What is to be done about the message that could not be sent. False: nothing before the kernel has room. */
static bool send_failed(struct udp_socket *socket, int error)
{
	struct udp_outbox *outbox = socket->outbox;
	const struct message *message = &outbox->messages[outbox->sent];

	if (error == EINTR)
		return true;
	if (kernel_is_full(error))
		return false;
	if (message->bytes.iov_len > message->segment) {
		if (!send_cut(socket, error))
			return false;
	} else {
		metric_add(METRIC_QUIC_SEND_FAILURES, 1);
	}
	outbox->sent++;
	return true;
}

void udp_flush(struct udp_socket *socket)
{
	struct udp_outbox *outbox = socket->outbox;
	bool was_stuck = outbox->stuck;

	outbox->stuck = false;
	while (outbox->sent < outbox->n && !outbox->stuck) {
		int n = sendmmsg(socket->fd, outbox->heads + outbox->sent, outbox->n - outbox->sent, MSG_DONTWAIT);
		if (n > 0)
			outbox->sent += (unsigned)n;
		else
			outbox->stuck = !send_failed(socket, errno);
	}
	if (!outbox->stuck)
		outbox->len = outbox->n = outbox->sent = 0;
	if (outbox->stuck != was_stuck)
		udp_watch(socket, outbox->stuck);
}

void udp_outbox_go_on(struct udp_socket *socket)
{
	udp_flush(socket);
	if (!socket->outbox->stuck)
		socket->user->writable(socket);
}
