/* SPDX-License-Identifier: MIT */
/* Any bytes as a client's first handshake message. */
#include <stdint.h>
#include <stdlib.h>

#include "net/quic/client_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str message = { (const char *)data, size };
	struct client_hello hello;

	if (client_hello_parse(message, &hello))
		return 0;
	/* What is passed on lies in the message. */
	check(size >= 4 && data[0] == 1);
	check(str_present(hello.transport_params) && hello.transport_params.at >= message.at &&
	      hello.transport_params.at + hello.transport_params.len <= message.at + message.len);
	return 0;
}
