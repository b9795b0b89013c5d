/* SPDX-License-Identifier: MIT */
/* The few things of a ClientHello (RFC 8446, 4.1.2) that QUIC wants to be seen before Mbed TLS is asked; pure. */
#ifndef NET_QUIC_CLIENT_HELLO_H
#define NET_QUIC_CLIENT_HELLO_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/str.h"

struct client_hello {
	/* The extension quic_transport_parameters (RFC 9001, 8.2); points into the message. */
	struct str transport_params;
};

/* No alert of TLS's says it: the rule is QUIC's own, and breaking it a PROTOCOL_VIOLATION. */
enum { CLIENT_HELLO_VIOLATION = -1 };

/*
 * `message` is a whole handshake message, with its four bytes of header. Returns 0 when QUIC can work with it, or the
 * alert (RFC 8446, 6.2) it deserves, the first of these that is so:
 *
 *     unexpected_message       another message
 *     decode_error             lengths that do not add up, an empty list or name of protocols
 *     illegal_parameter        an extension that comes twice (of those with numbers below 64, all that is in use)
 *     protocol_version         TLS 1.3 is not offered
 *     CLIENT_HELLO_VIOLATION   a legacy session id (RFC 9001, 8.4)
 *     missing_extension        no transport parameters (RFC 9001, 8.2)
 *     no_application_protocol  no ALPN (RFC 9001, 8.1), with which Mbed TLS would go on
 *
 * All else is left to Mbed TLS to judge.
 */
must_use int client_hello_parse(struct str message, struct client_hello *hello);

#endif
