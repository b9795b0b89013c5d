/* SPDX-License-Identifier: MIT */
/* Giving a record its cover, and taking it away. */
#include "app/app.h"
#include "app/cover_copies.h"
#include "app/cover_files.h"
#include "app/handlers.h"
#include "app/records.h"
#include "auth/identity.h"
#include "auth/secret.h"
#include "codec/image.h"
#include "obs/metrics.h"
#include "store_statements.h"

struct upload {
	struct uuid record;
	/* What the workers are given. */
	struct str body;
	uint32_t max_side;
	struct str dir, conninfo; /* conninfo: of the database that servers share, or absent */
	/* What they bring. */
	int outcome;
	struct buf clean;
	struct image facts;
	char digest[AUTH_DIGEST_TEXT];
	struct str id;
};

/* The record's other fields stay as they are; absent: no cover. */
static struct turn show_cover(struct call *call, const struct uuid *record, struct str address)
{
	struct json *body = arena_new_of(call->arena, struct json);
	struct json_member *member = arena_new_of(call->arena, struct json_member);

	if (!body || !member)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	member->key = STR("cover");
	if (str_present(address))
		member->value = (struct json){ .kind = JSON_KIND_TEXT, .text = address };
	*body = (struct json){ .kind = JSON_KIND_OBJECT, .members = member, .n = 1 };
	return records_change(call, record, body);
}

/* ── Storing ── */

static void store_picture(void *arg)
{
	struct upload *upload = arg;
	struct str bytes = buf_str(&upload->clean);

	upload->outcome = cover_file_write(upload->dir, upload->id, bytes);
	if (!upload->outcome && str_present(upload->conninfo))
		upload->outcome = cover_copy_keep(upload->conninfo, upload->id, bytes);
}

static struct turn covers_put_stored(struct call *call)
{
	const struct upload *upload = call->state;

	if (upload->outcome == COVER_NO_SPACE)
		return call_fail(call, problem_new(call->arena, PROBLEM_NO_SPACE, STR_ABSENT));
	if (upload->outcome)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "the cover could not be stored");
	metric_add(METRIC_COVERS_STORED, 1);
	return show_cover(call, &upload->record,
			  arena_concat(call->arena, (struct str[]){ STR(RECORD_COVERS), upload->id }, 2));
}

static struct turn refuse(struct call *call, struct str why)
{
	metric_add(METRIC_COVERS_REFUSED, 1);
	return call_fail(call, problem_field(call->arena, STR("cover"), why));
}

static struct str over_quota(struct call *call)
{
	int64_t quota = app_of(call)->settings.covers_quota;
	bool large = quota >= 1 << 20;

	return arena_printf(call->arena, "would be more than the %lld %s that all your covers may take",
			    (long long)(quota >> (large ? 20 : 10)), large ? "MB" : "KB");
}

static struct turn covers_put_named(struct call *call)
{
	struct upload *upload = call->state;
	struct str id = store_covers_add_row(call, 0).id;

	if (!str_present(id))
		return refuse(call, over_quota(call));
	upload->id = arena_copy(call->arena, id);
	if (!str_present(upload->id))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	return work_run(call, &app_of(call)->uploads, store_picture, upload, STEP(covers_put_stored));
}

/* ── Reading ── */

static void clean_picture(void *arg)
{
	struct upload *upload = arg;

	upload->outcome = image_clean(upload->body, upload->max_side, &upload->clean, &upload->facts);
	if (upload->outcome)
		return;
	struct str bytes = buf_str(&upload->clean);
	auth_digest(&bytes, 1, upload->digest);
}

static struct str complaint(struct call *call, int outcome)
{
	switch (outcome) {
	case IMAGE_TOO_LARGE:
		return arena_printf(call->arena, "must be at most %u pixels wide and high",
				    app_of(call)->settings.cover_side);
	case IMAGE_ANIMATED:
		return STR("must be a still picture");
	case IMAGE_UNSUPPORTED:
		return STR("is of a kind that browsers do not show");
	case IMAGE_FOREIGN:
		return STR("must be a JPEG, PNG or WebP picture");
	default:
		return STR("is broken or incomplete");
	}
}

static struct turn covers_put_cleaned(struct call *call)
{
	const struct app *app = app_of(call);
	const struct upload *upload = call->state;
	struct str digest = { upload->digest, sizeof(upload->digest) };

	if (upload->outcome == IMAGE_NO_ROOM)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	if (upload->outcome)
		return refuse(call, complaint(call, upload->outcome));
	return store_covers_add(call, app->db, &call->identity->user, digest, (int64_t)upload->clean.len,
				app->settings.covers_quota, STEP(covers_put_named));
}

/* What would be refused in the end is refused before a byte of it is stored. */
static struct turn covers_put_known(struct call *call)
{
	struct upload *upload = call->state;

	if (db_n_rows(call->rows) == 0)
		return records_not_found(call);
	struct store_records_get_row stored = store_records_get_row(call, 0);
	if (stored.deleted)
		return records_not_found(call);
	if (!records_match(call->request, records_etag(call, &upload->record, stored.version)))
		return records_changed_meanwhile(call);
	return work_run(call, &app_of(call)->uploads, clean_picture, upload, STEP(covers_put_cleaned));
}

static void drop_clean(void *arg)
{
	buf_free(&((struct upload *)arg)->clean);
}

struct turn covers_put(struct call *call)
{
	const struct app *app = app_of(call);
	const struct request *request = call->request;
	struct str type = request_header(request, STR("content-type"));
	enum image_type declared = str_present(type) ? image_type_named(type) : IMAGE_UNKNOWN;
	struct upload *upload = arena_new_of(call->arena, struct upload);

	if (!upload || !call_defer(call, drop_clean, upload))
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	if (!records_path_id(call, &upload->record))
		return records_not_found(call);
	if (declared == IMAGE_UNKNOWN)
		return call_fail_with(call, PROBLEM_UNSUPPORTED_MEDIA,
				      "content-type must be image/jpeg, image/png or image/webp");
	if (image_type_of(request->body) != declared)
		return refuse(call, STR("is not what its content-type says"));
	upload->body = request->body;
	upload->max_side = app->settings.cover_side;
	upload->dir = app->settings.covers_dir;
	upload->conninfo = app->settings.shared_keys ? app->settings.job_conninfo : STR_ABSENT;
	upload->clean = buf_of(request->body.len + IMAGE_GROWTH);
	call->state = upload;
	return store_records_get(call, app->db, &call->identity->user, &upload->record, STEP(covers_put_known));
}

struct turn covers_remove(struct call *call)
{
	struct uuid id;

	return records_path_id(call, &id) ? show_cover(call, &id, STR_ABSENT) : records_not_found(call);
}
