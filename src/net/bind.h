/* SPDX-License-Identifier: MIT */
/* Listening sockets as plain descriptors, and a helpful word when one cannot be had. */
#ifndef NET_BIND_H
#define NET_BIND_H

#include "base/arena.h"

/*
 * A bound, listening TCP socket, non-blocking and close-on-exec, in *fd; *port 0 is replaced by the one the kernel
 * chose. IPv6 sockets take IPv6 only. 0, or a negative errno with *said naming address, port and cause.
 */
must_use int bind_tcp(struct str address, int *port, struct arena *arena, int *fd, struct str *said);

/* The same for a UDP socket, which no other may share. */
must_use int bind_udp(struct str address, int *port, struct arena *arena, int *fd, struct str *said);

/* Whether that error on one of so many addresses is no reason to give up: laptops and containers often have no IPv6. */
bool bind_may_be_left_out(int error, struct str address, size_t n_addresses);

/* "pid 123 recordd": who listens on the TCP port, as far as /proc tells; absent if it does not. */
struct str bind_port_holder(int port, struct arena *arena);

#endif
