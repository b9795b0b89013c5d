/* SPDX-License-Identifier: MIT */
/* Serving the web application's built files. */
#include "web/page.h"

#include "http/static.h"
#include "web_assets.h"

/*
 * On files as on pages, as the script of a worker brings its own policy along. Nothing inline, nothing foreign, no
 * framing; pictures and sounds that the page makes itself; and of the device the camera alone, for barcodes and covers.
 */
static const struct http_header protection[] = {
	{ STR("content-security-policy"),
	  STR("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
	      "font-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; base-uri 'none'; "
	      "form-action 'self'; frame-ancestors 'none'") },
	{ STR("permissions-policy"), STR("camera=(self), microphone=(), geolocation=(), payment=(), usb=()") },
	{ STR("cross-origin-opener-policy"), STR("same-origin") },
};

void page_protect(struct call *call)
{
	for (size_t i = 0; i < countof(protection); i++)
		reply_header(call, protection[i].name, protection[i].value);
}

struct turn page_get(struct call *call)
{
	static struct asset_table table = { .items = web_assets };

	if (!table.index) {
		table.n = web_assets_count;
		table.index = asset_find(&table, STR("/index.html"));
	}
	page_protect(call);
	return asset_reply(call, &table);
}
