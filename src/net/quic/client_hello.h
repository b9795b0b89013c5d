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

/*
 * `message` is the whole handshake message, with its four bytes of header. Returns 0 when QUIC can work with it, or the
 * alert it deserves: decode_error for bytes that are no ClientHello, protocol_version for one without TLS 1.3,
 * missing_extension without transport parameters, no_application_protocol without ALPN, illegal_parameter for a
 * session id (RFC 9001, 8.4) or an extension that comes twice. All else is left to Mbed TLS to judge.
 */
must_use int client_hello_parse(struct str message, struct client_hello *hello);

#endif
