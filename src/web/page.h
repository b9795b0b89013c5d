/* SPDX-License-Identifier: MIT */
/* The web application: what is compiled in, or, for its development, what is in a directory. */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "loop/call.h"

/* Each answers GET and HEAD of any path that is not the API's: a file of the application, or its index. */
struct turn page_get(struct call *call);
struct turn page_get_from_directory(struct call *call);

/* For the latter: which one, before the first request. 0, or a negative errno. */
must_use int page_set_directory(struct str path);

/* Adds what a browser must know of the application's pages and files, so that nothing foreign runs in them. */
void page_protect(struct call *call);

#endif
