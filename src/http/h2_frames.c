/* SPDX-License-Identifier: MIT */
/* Frame heads (RFC 9113 section 4.1), across whatever pieces they come in. */
#include "http/h2_frames.h"

#include <nghttp2/nghttp2.h>
#include <string.h>

static void skip(struct h2_frames *frames, struct str *bytes)
{
	size_t n = frames->to_skip < bytes->len ? frames->to_skip : bytes->len;
	frames->to_skip -= n;
	*bytes = str_skip(*bytes, n);
}

static size_t payload_of(const struct h2_frames *frames)
{
	return (size_t)frames->head[0] << 16 | (size_t)frames->head[1] << 8 | frames->head[2];
}

/* How much must be seen of a frame to judge it. */
static size_t wanted(const struct h2_frames *frames)
{
	bool padded = frames->n_head >= H2_FRAME_HEAD && frames->head[3] == NGHTTP2_DATA &&
		      frames->head[4] & NGHTTP2_FLAG_PADDED && payload_of(frames) > 0;
	return padded ? H2_FRAME_HEAD + 1 : H2_FRAME_HEAD;
}

static void gather(struct h2_frames *frames, struct str *bytes)
{
	while (bytes->len && frames->n_head < wanted(frames)) {
		size_t missing = wanted(frames) - frames->n_head, n = missing < bytes->len ? missing : bytes->len;
		memcpy(frames->head + frames->n_head, bytes->at, n);
		frames->n_head += n;
		*bytes = str_skip(*bytes, n);
	}
}

bool h2_frames_next(struct h2_frames *frames, struct str *bytes, struct h2_frame *out)
{
	if (!frames->preface_over) {
		frames->preface_over = true;
		frames->to_skip = H2_PREFACE;
	}
	skip(frames, bytes);
	gather(frames, bytes);
	if (frames->n_head < wanted(frames))
		return false;
	size_t payload = payload_of(frames), seen = frames->n_head - H2_FRAME_HEAD;
	size_t padding = seen ? frames->head[H2_FRAME_HEAD] + seen : 0;
	*out = (struct h2_frame){ .type = frames->head[3],
				  .flags = frames->head[4],
				  .content = padding < payload ? payload - padding : 0 };
	frames->to_skip = payload - seen;
	frames->n_head = 0;
	return true;
}
