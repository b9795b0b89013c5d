/* SPDX-License-Identifier: MIT */
/* Serving the web application's built files. */
#include "web/page.h"

#include "http/static.h"
#include "web_assets.h"

struct turn page_get(struct call *call)
{
	static struct asset_table table = { .items = web_assets };

	if (!table.index) {
		table.n = web_assets_count;
		table.index = asset_find(&table, STR("/index.html"));
	}
	return asset_reply(call, &table);
}
