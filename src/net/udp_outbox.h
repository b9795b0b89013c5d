/* SPDX-License-Identifier: MIT */
/* What udp.c and udp_outbox.c share: a socket's trains on their way to the kernel. */
#ifndef NET_UDP_OUTBOX_H
#define NET_UDP_OUTBOX_H

#include "net/udp.h"

/* NULL without memory; released with free. */
must_use struct udp_outbox *udp_outbox_new(void);
/* The socket can be written to again. */
void udp_outbox_go_on(struct udp_socket *socket);
/* Watches the socket for reading, and for writing while the outbox is stuck. In udp.c. */
void udp_watch(struct udp_socket *socket, bool also_writing);

#endif
