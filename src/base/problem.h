/* SPDX-License-Identifier: MIT */
/*
 * What a client is told when something fails: one kind from problem.def, and words.
 * Rendered as RFC 9457 by http/, as a status by gRPC. A problem lives in the arena of the call that failed.
 */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include "base/arena.h"

enum problem_kind {
#define PROBLEM(name, status, sentence) PROBLEM_##name,
#include "base/problem.def"
#undef PROBLEM
};

/* One invalid input field. */
struct field_error {
	struct str field; /* as the client spells it, "mediaPieces[1].sides.A" for nested ones */
	struct str message;
	struct field_error *next;
};

struct problem {
	enum problem_kind kind;
	struct str error;	    /* one short lower-case sentence; never internal */
	struct str detail;	    /* absent, or more words for a person */
	struct field_error *fields; /* NULL, or what was invalid */
	unsigned retry_after_s;	    /* 0: not said */
	struct str challenge;	    /* WWW-Authenticate for 401 and for a scope's 403, or absent */
	struct str allow;	    /* Allow for 405, or absent */
	unsigned grpc_code;	    /* gRPC's, where the kind's status would say another; 0: that */
};

int problem_status(enum problem_kind kind);
/* The kind's own sentence. */
struct str problem_sentence(enum problem_kind kind);
/* "NOT_FOUND": for logs and metrics. */
const char *problem_name(enum problem_kind kind);

/* A problem in the arena; `error` absent takes the kind's sentence. Never NULL: out of budget gives a static one. */
const struct problem *problem_new(struct arena *arena, enum problem_kind kind, struct str error);
/* The same for 422 with one invalid field. */
const struct problem *problem_field(struct arena *arena, struct str field, struct str message);
/* A copy, words and all, that outlives the arena of the original. Never NULL. */
const struct problem *problem_copy(struct arena *arena, const struct problem *problem);

#endif
