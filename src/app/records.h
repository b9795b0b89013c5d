/* SPDX-License-Identifier: MIT */
/* What the handlers of records have in common: ids from paths, entity tags, answers. */
#ifndef APP_RECORDS_H
#define APP_RECORDS_H

#include "app/app.h"
#include "app/record.h"
#include "http/http.h"

/* The id in the path. False for what is no UUID: that is a 404 like any id that is not there. */
must_use bool records_path_id(struct call *call, struct uuid *id);
must_use struct turn records_not_found(struct call *call);

/* The row version in a stored document; 0 when there is none. */
int64_t record_version_of(struct str doc);

/* The record's strong entity tag, quoted: the id and its row version. */
struct str records_etag(struct call *call, const struct uuid *id, int64_t version);
/* Whether If-None-Match names the tag (weakly compared) or '*'. */
bool records_none_match(const struct request *request, struct str etag);
/* Whether there is no If-Match, or it names the tag (strongly compared) or '*'. */
bool records_match(const struct request *request, struct str etag);
bool records_has_condition(const struct request *request);
must_use struct turn records_changed_meanwhile(struct call *call); /* 412 */

/* Replies with a record's document and its ETag; with 201 a Location too. */
must_use struct turn records_reply(struct call *call, int status, const struct uuid *id, struct str doc);

/*
 * After a write that succeeded and before its reply: nothing kept of this user's is true any more. `version` is the
 * change version the write took, or RECORD_UNSAID.
 */
void records_written(struct call *call, int64_t version);
/* What this node keeps of the user's is older than this change version. */
void records_learn(struct app *app, const struct uuid *user, int64_t version);
/* Some node's write gave the user's records this change version. */
void records_changed(struct app *app, const struct uuid *user, int64_t version);

/* Now and then, in the background: ends what has been in the trash for 30 days, forgets jobs that ended as long ago. */
void records_housekeep(struct app *app);

/* Changes the fields that `body` gives, under the request's If-Match, and replies with the record. */
must_use struct turn records_change(struct call *call, const struct uuid *id, const struct json *body);

/* Whether the write that was answered failed for a cover that is not the user's; then the 422. */
bool records_cover_unknown(const struct call *call);
must_use struct turn records_no_such_cover(struct call *call);

/* A JSON body; or the turn that refuses it, in *refused. NULL then. */
const struct json *records_body(struct call *call, struct turn *refused);

#endif
