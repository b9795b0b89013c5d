/* SPDX-License-Identifier: MIT */
/* Many changes of records in one request: what is asked of each, and what came of it. */
#ifndef APP_BATCH_H
#define APP_BATCH_H

#include "app/record_row.h"
#include "codec/json.h"

enum { BATCH_MAX = 500 }; /* operations */

enum batch_op { BATCH_UPDATE, BATCH_DELETE, BATCH_RESTORE };

struct batch_operation {
	enum batch_op op;
	struct uuid id;
	struct str id_text;	 /* as the client spells it */
	const struct json *set;	 /* of an update */
	int64_t expected;	 /* the row version that the client saw, or RECORD_UNSAID */
	/* As it is stored: */
	struct str doc;
	int64_t version;
	bool there, deleted;
	/* What is to be written: */
	struct record_row row;
	struct str cover;   /* to be shown from now on: "/covers/ID", or absent */
	bool writes;
	/* What came of it; status 0 is open. */
	int status;
	struct str error;
	const struct field_error *fields; /* what was wrong with `set` */
	struct str record, before;	  /* documents; `before` has the former values of the fields that changed */
};

struct batch {
	struct arena *arena; /* its own: larger than a request's */
	struct batch_operation *items;
	size_t n;
	size_t at; /* how far a round has come */
	unsigned rounds;
	int64_t changed; /* the last change version, or 0 */
};

/* Takes the operations out of the body. NULL, or the problem with the whole of it. */
const struct problem *batch_read(struct batch *batch, struct str body);
/* What came of it, {"results":[…]}; records that do not fit are left out. */
void batch_render(const struct batch *batch, struct buf *to);
/* Settles an operation. */
void batch_refuse(struct batch_operation *operation, const struct problem *problem);

#endif
