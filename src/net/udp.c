/* SPDX-License-Identifier: MIT */
/* Opening a UDP socket for QUIC, and what arrives on it: recvmmsg, with datagrams joined by the kernel (GRO) taken apart. */
#include "net/udp.h"

#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#include "net/udp_outbox.h"
#include "obs/metrics.h"

enum {
	BATCH = 16,	   /* datagrams (or joined runs of them) a system call may bring */
	BATCHES = 4,	   /* system calls before others get their turn */
	RUN_MAX = 65536,   /* bytes of one run */
	CONTROL_MAX = 128, /* bytes of control messages: address, ECN, size of a run's datagrams */
	KERNEL_BUFFER = 4 << 20,
};

struct udp_inbox {
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	struct sockaddr_storage from[BATCH];
	_Alignas(struct cmsghdr) char control[BATCH][CONTROL_MAX];
	uint8_t bytes[BATCH][RUN_MAX];
};

struct udp_inbox *udp_inbox_new(void)
{
	return malloc(sizeof(struct udp_inbox));
}

void udp_inbox_free(struct udp_inbox *inbox)
{
	free(inbox);
}

bool udp_address_equal(const struct udp_address *a, const struct udp_address *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	if (a->any.sa_family == AF_INET)
		return a->v4.sin_port == b->v4.sin_port && a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	return a->v6.sin6_port == b->v6.sin6_port && a->v6.sin6_scope_id == b->v6.sin6_scope_id &&
	       IN6_ARE_ADDR_EQUAL(&a->v6.sin6_addr, &b->v6.sin6_addr);
}

/* ── Receiving ── */

static void inbox_offer(struct udp_inbox *inbox)
{
	for (size_t i = 0; i < BATCH; i++) {
		inbox->vectors[i] = (struct iovec){ inbox->bytes[i], RUN_MAX };
		inbox->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &inbox->from[i],
			.msg_namelen = sizeof(inbox->from[i]),
			.msg_iov = &inbox->vectors[i],
			.msg_iovlen = 1,
			.msg_control = inbox->control[i],
			.msg_controllen = CONTROL_MAX,
		};
	}
}

/* What a control message says of the datagrams it came with. */
static void learn(struct udp_datagram *datagram, size_t *segment, const struct cmsghdr *word, bool wildcard)
{
	const void *data = CMSG_DATA(word);

	if (word->cmsg_level == IPPROTO_IP && word->cmsg_type == IP_TOS) {
		datagram->ecn = *(const uint8_t *)data & 3;
	} else if (word->cmsg_level == IPPROTO_IPV6 && word->cmsg_type == IPV6_TCLASS) {
		int traffic_class;
		memcpy(&traffic_class, data, sizeof(traffic_class));
		datagram->ecn = traffic_class & 3;
	} else if (word->cmsg_level == IPPROTO_UDP && word->cmsg_type == UDP_GRO) {
		int size;
		memcpy(&size, data, sizeof(size));
		*segment = size > 0 ? (size_t)size : *segment;
	} else if (wildcard && word->cmsg_level == IPPROTO_IP && word->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo info;
		memcpy(&info, data, sizeof(info));
		datagram->path.local.v4.sin_addr = info.ipi_addr;
	} else if (wildcard && word->cmsg_level == IPPROTO_IPV6 && word->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo info;
		memcpy(&info, data, sizeof(info));
		datagram->path.local.v6.sin6_addr = info.ipi6_addr;
	}
}

static void deliver(struct udp_socket *socket, struct msghdr *head, size_t len)
{
	struct udp_datagram datagram = { .path.local = socket->local };
	const uint8_t *at = head->msg_iov->iov_base;
	size_t segment = len;

	if (head->msg_flags & MSG_TRUNC || head->msg_namelen > sizeof(struct sockaddr_in6))
		return;
	memcpy(&datagram.path.remote.any, head->msg_name, head->msg_namelen);
	datagram.path.remote.len = head->msg_namelen;
	for (struct cmsghdr *word = CMSG_FIRSTHDR(head); word; word = CMSG_NXTHDR(head, word))
		learn(&datagram, &segment, word, socket->wildcard);
	for (size_t done = 0; done < len && socket->poll; done += segment) {
		datagram.at = at + done;
		datagram.len = len - done < segment ? len - done : segment;
		metric_add(METRIC_QUIC_DATAGRAMS_IN, 1);
		socket->user->received(socket, &datagram);
	}
}

/* Whether there may be more. */
static bool receive_batch(struct udp_socket *socket)
{
	struct udp_inbox *inbox = socket->inbox;

	inbox_offer(inbox);
	int n = recvmmsg(socket->fd, inbox->messages, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n && socket->poll; i++)
		deliver(socket, &inbox->messages[i].msg_hdr, inbox->messages[i].msg_len);
	/* An error told by ICMP for one of many peers says nothing of the others: it is taken off, and reading goes on. */
	return n == BATCH || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

static void receive(struct udp_socket *socket)
{
	for (int i = 0; i < BATCHES && socket->poll && receive_batch(socket); i++)
		;
	if (socket->poll)
		socket->user->received_all(socket);
}

static void polled(uv_poll_t *poll, int status, int events)
{
	struct udp_socket *socket = poll->data;

	if (status || events & UV_READABLE)
		receive(socket);
	if (events & UV_WRITABLE && socket->poll)
		udp_outbox_go_on(socket);
}

void udp_watch(struct udp_socket *socket, bool also_writing)
{
	uv_poll_start(socket->poll, also_writing ? UV_READABLE | UV_WRITABLE : UV_READABLE, polled);
}

/* ── Opening ── */

static bool option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

/*
 * PROBE: datagrams are never fragmented, and the kernel does not hold back those that are larger than what it believes
 * of the path: QUIC finds out by itself.
 */
static bool options_set(int fd, bool v6)
{
	option(fd, SOL_SOCKET, SO_RCVBUF, KERNEL_BUFFER); /* the kernel cuts both down to what the machine allows */
	option(fd, SOL_SOCKET, SO_SNDBUF, KERNEL_BUFFER);
	option(fd, IPPROTO_UDP, UDP_GRO, 1);
	if (v6)
		return option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) && option(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) &&
		       option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
	return option(fd, IPPROTO_IP, IP_PKTINFO, 1) && option(fd, IPPROTO_IP, IP_RECVTOS, 1) &&
	       option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
}

static int local_address(struct udp_socket *socket)
{
	socket->local.len = sizeof(struct sockaddr_in6);
	if (getsockname(socket->fd, &socket->local.any, &socket->local.len))
		return -errno;
	socket->wildcard = socket->local.any.sa_family == AF_INET
				   ? socket->local.v4.sin_addr.s_addr == htonl(INADDR_ANY)
				   : IN6_IS_ADDR_UNSPECIFIED(&socket->local.v6.sin6_addr);
	return 0;
}

static void poll_closed(uv_handle_t *handle)
{
	free(handle);
}

static int socket_start(struct udp_socket *socket, struct loop *loop)
{
	int error = local_address(socket);
	if (error)
		return error;
	if (!options_set(socket->fd, socket->local.any.sa_family == AF_INET6))
		return -errno;
	socket->cuts_trains = option(socket->fd, IPPROTO_UDP, UDP_SEGMENT, 0);
	socket->outbox = udp_outbox_new();
	socket->poll = calloc(1, sizeof(*socket->poll));
	if (!socket->outbox || !socket->poll)
		return UV_ENOMEM;
	error = uv_poll_init(&loop->uv, socket->poll, socket->fd);
	if (error) {
		free(take(socket->poll));
		return error;
	}
	socket->poll->data = socket;
	udp_watch(socket, false);
	return 0;
}

int udp_open(struct udp_socket *socket, struct loop *loop, int fd, struct udp_inbox *inbox, const struct udp_user *user,
	     void *owner)
{
	*socket = (struct udp_socket){ .fd = fd, .inbox = inbox, .user = user, .owner = owner };
	int error = socket_start(socket, loop);
	if (error) {
		free(take(socket->poll));
		free(take(socket->outbox));
		close(fd);
	}
	return error;
}

void udp_close(struct udp_socket *socket)
{
	if (!socket->poll)
		return;
	uv_poll_stop(socket->poll);
	uv_close((uv_handle_t *)take(socket->poll), poll_closed);
	close(socket->fd);
	free(take(socket->outbox));
}
