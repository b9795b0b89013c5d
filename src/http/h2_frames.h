/* SPDX-License-Identifier: MIT */
/*
 * Looks at the frames of a byte stream as they pass, before nghttp2 does: those that it drops without a word
 * (unknown types, frames for streams that are gone) cost time too.
 */
#ifndef HTTP_H2_FRAMES_H
#define HTTP_H2_FRAMES_H

#include "base/str.h"

enum { H2_FRAME_HEAD = 9, H2_PREFACE = 24 };

/* Zeroed to begin with: the client's preface comes first. */
struct h2_frames {
	uint8_t head[H2_FRAME_HEAD + 1]; /* and the length of DATA's padding */
	size_t n_head;
	size_t to_skip; /* of the current payload */
	bool preface_over;
};

struct h2_frame {
	uint8_t type, flags;
	size_t content; /* bytes of payload without padding */
};

/* Takes bytes off up to the next frame whose head is complete; false when they end before. */
must_use bool h2_frames_next(struct h2_frames *frames, struct str *bytes, struct h2_frame *out);

#endif
