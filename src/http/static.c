/* SPDX-License-Identifier: MIT */
/* Files that are part of the program, with everything a browser's cache wants to know. */
#include "http/static.h"

#include "http/inside.h"
#include "http/negotiate.h"
#include "http/range.h"

const struct asset *asset_find(const struct asset_table *table, struct str path)
{
	size_t low = 0, high = table->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_compare(path, table->items[middle].path);
		if (order == 0)
			return &table->items[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool asset_path_is_page(struct str path)
{
	size_t slash = path.len;
	while (slash && path.at[slash - 1] != '/')
		slash--;
	struct str name = str_skip(path, slash);
	return str_find_char(name, '.') == name.len;
}

static struct turn send_bytes(struct call *call, int status, const struct asset *asset, struct str bytes,
			      struct str coding)
{
	owned(blob_drop) struct blob *blob = blob_static(bytes);
	if (!blob)
		return call_fail_with(call, PROBLEM_UNAVAILABLE, "out of memory");
	return reply_blob(call, status, asset->content_type, blob, coding);
}

static struct turn send_whole(struct call *call, const struct asset *asset)
{
	unsigned offered = (asset->gzip.len ? 1u << CACHE_GZIP : 0) | (asset->brotli.len ? 1u << CACHE_BROTLI : 0);
	enum cache_coding coding = coding_choose_of(request_header(call->request, STR("accept-encoding")), offered);
	struct str bytes = coding == CACHE_GZIP	    ? asset->gzip
			   : coding == CACHE_BROTLI ? asset->brotli
						    : asset->identity;

	return send_bytes(call, 200, asset, bytes, coding_name(coding));
}

static struct turn refuse_range(struct call *call, const struct asset *asset)
{
	reply_header(call, STR("content-range"), arena_printf(call->arena, "bytes */%zu", asset->identity.len));
	return reply_empty(call, problem_status(PROBLEM_RANGE_NOT_SATISFIABLE));
}

static struct turn send_range(struct call *call, const struct asset *asset, size_t first, size_t len)
{
	reply_header(call, STR("content-range"),
		     arena_printf(call->arena, "bytes %zu-%zu/%zu", first, first + len - 1, asset->identity.len));
	return send_bytes(call, 206, asset, str_first(str_skip(asset->identity, first), len), STR_ABSENT);
}

static struct turn asset_send(struct call *call, const struct asset *asset)
{
	const struct request *request = call->request;
	struct str condition = request_header(request, STR("if-range"));
	struct str range = request_header(request, STR("range"));
	size_t first = 0, len = 0;

	reply_header(call, STR("etag"), asset->etag);
	reply_header(call, STR("cache-control"),
		     asset->immutable ? STR("public, max-age=31536000, immutable") : STR("no-cache"));
	reply_header(call, STR("accept-ranges"), STR("bytes"));
	/* A range of bytes that have changed meanwhile would be spliced into the wrong file. */
	if (request->method != HTTP_GET || (str_present(condition) && !str_equal(condition, asset->etag)))
		range = STR_ABSENT;
	switch (range_parse(range, asset->identity.len, &first, &len)) {
	case RANGE_OK:
		return send_range(call, asset, first, len);
	case RANGE_UNSATISFIABLE:
		return refuse_range(call, asset);
	default:
		return send_whole(call, asset);
	}
}

struct turn asset_reply(struct call *call, const struct asset_table *table)
{
	struct str path = call->request->path;
	const struct asset *asset = asset_find(table, path);

	if (!asset && asset_path_is_page(path))
		asset = table->index;
	if (!asset)
		return call_fail_with(call, PROBLEM_NOT_FOUND, "no such path");
	return asset_send(call, asset);
}
