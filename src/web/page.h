/* SPDX-License-Identifier: MIT */
/* The web application, compiled in. */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "loop/call.h"

/* Answers GET and HEAD of any path that is not the API's: a file of the application, or its index. */
struct turn page_get(struct call *call);

#endif
