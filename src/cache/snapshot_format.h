/* SPDX-License-Identifier: MIT */
/*
 * Answers as bytes, to outlive the process: a head with the format's version and where they come from, the answers, and
 * a digest of it all. Numbers are little-endian. Reading is pure and takes any bytes.
 */
#ifndef CACHE_SNAPSHOT_FORMAT_H
#define CACHE_SNAPSHOT_FORMAT_H

#include "base/buf.h"
#include "base/uuid.h"

struct snapshot_answer {
	struct str kind, text, body;
	struct str note; /* or absent */
	struct uuid user;
	int64_t version;    /* of the user's data */
	int64_t expires_ms; /* since 1970 */
	bool resident;
};

void snapshot_begin(struct buf *to, struct str origin);
/* False, with nothing added, when it and the end would not fit into the buffer's maximum. */
must_use bool snapshot_add(struct buf *to, const struct snapshot_answer *answer);
void snapshot_end(struct buf *to);

struct snapshot_reader {
	struct str rest;
};

/* Absent; or what is wrong: not a snapshot, of another format or origin, or damaged. */
struct str snapshot_open(struct snapshot_reader *reader, struct str bytes, struct str origin);
/* Texts are slices of the bytes. 1: an answer; 0: the end; -1: this is none. */
must_use int snapshot_next(struct snapshot_reader *reader, struct snapshot_answer *answer);

#endif
