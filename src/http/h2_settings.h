/* SPDX-License-Identifier: MIT */
/* What HTTP/2 allows a client. */
#ifndef HTTP_H2_SETTINGS_H
#define HTTP_H2_SETTINGS_H

#include <stddef.h>

/* A bucket of tolerated misdeeds: `burst` at once, `per_second` come back. */
struct h2_patience {
	unsigned burst, per_second;
};

struct h2_settings {
	unsigned max_streams;	     /* at the same time */
	unsigned max_continuations;  /* frames of one header block */
	size_t stream_window;	     /* bytes of one request's body that may be on the way */
	size_t connection_window;    /* the same over all streams */
	struct h2_patience resets;   /* RST_STREAM frames received */
	struct h2_patience glitches; /* RST_STREAM frames we had to send, and invalid frames received */
};

#endif
