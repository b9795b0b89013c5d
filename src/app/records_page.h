/* SPDX-License-Identifier: MIT */
/*
 * Pages of a list: limit and offset as clients give them, and the opaque cursor by which a page goes on exactly behind
 * the last one, whatever was written meanwhile. A cursor is signed for its user and its order; another is a 400.
 */
#ifndef APP_RECORDS_PAGE_H
#define APP_RECORDS_PAGE_H

#include "app/record.h"
#include "base/buf.h"
#include "http/http.h"

struct page {
	int64_t limit;		     /* 1 … */
	int64_t offset;		     /* 0 … */
	struct str sort;	     /* one of those in records_page.c, or the default */
	struct str after_key;	     /* with a cursor: the last row's sort key */
	const struct uuid *after_id; /* with a cursor: the last row's id, else NULL */
};

/* A whole number from the query. Above max it is max; below min, or no number, is wrong. Absent: `fallback`. */
int64_t page_int(struct call *call, struct str name, int64_t min, int64_t max, int64_t fallback,
		 struct record_check *check);

enum { PAGE_QUERY_MAX = 1000 }; /* bytes */
/* What is typed (q), folded; blank without. A longer one is noted in the check. Absent over budget. */
struct str page_query(struct call *call, struct record_check *check);

/* limit (clamped to max) and offset. Notes what is wrong in the check. */
struct page page_of(struct call *call, int64_t fallback, int64_t max, struct record_check *check);

/* Fills in sort when there is one. A sort that we do not have is noted in the check. */
void page_read_sort(struct call *call, struct page *page, struct record_check *check);

/*
 * Fills in sort and, when there is one, the cursor. NULL, or the 400 for a cursor that is not ours, the user's or this
 * order's. A sort that we do not have is noted in the check.
 */
const struct problem *page_read_cursor(struct call *call, struct page *page, struct record_check *check);

/* Adds `Link: <…>; rel="next"` that goes on behind the row; every other parameter of the request stays. */
void page_link_behind(struct call *call, const struct page *page, struct str key, const struct uuid *id);
/* The same where a list knows positions only. */
void page_link_offset(struct call *call, int64_t offset);
/* The same for changes: on from the change version `since`, of a reading that began under this horizon. */
void page_link_since(struct call *call, int64_t since, int64_t horizon);

enum { PAGE_BYTES = 32 << 20 }; /* of a page's body; a page whose documents are larger ends earlier */

/* A page's rows as a JSON array while they are added. */
struct page_body {
	struct buf bytes;
	size_t n;
};
struct page_body page_body_new(void);
/* For `owned(page_body_drop)`. */
void page_body_drop(struct page_body *body);
/* False when the page is full: then nothing was added. The first one always fits. */
must_use bool page_body_add(struct page_body *body, struct str json);
/* Replies with the array. */
must_use struct turn page_reply(struct call *call, struct page_body *body);

#endif
