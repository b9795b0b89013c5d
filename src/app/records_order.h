/* SPDX-License-Identifier: MIT */
/*
 * Long lists, read anywhere. A list's *order* is the numbers of all its records, one after another: asked for once, kept
 * in the cache until its user changes anything, and sliced. So a page costs the same wherever it lies, and the total is
 * at hand.
 *
 * The statement that reads a page tells the user's change version of the same snapshot. If that is not the order's, the
 * order is made anew, and the page read once more; then it has everything that was committed before it began.
 */
#ifndef APP_RECORDS_ORDER_H
#define APP_RECORDS_ORDER_H

#include "app/records_filter.h"
#include "app/records_page.h"

/* What is typed, and how it is looked for. */
enum order_match {
	ORDER_ALL,	  /* nothing is */
	ORDER_WORDS,	  /* each word is contained in artist, name, catalogue number or label */
	ORDER_CONTAINING, /* all of it is */
	ORDER_FUZZY,	  /* as a search does; it must have a word */
};

struct order_ask {
	struct records_filter filter;
	enum order_match match;
	struct str q; /* folded */
};

/* A list under way. */
struct ordered {
	struct order_ask ask;
	struct page page; /* its sort may be blank in a search: the best first */
	struct step answer;
	/* For the answering step: */
	size_t total, n; /* of the list, of the page */
	struct str corrected;
	struct str docs; /* the page as a JSON array */
	struct str last_key;
	struct uuid last_id;
	/* Its own: */
	int64_t version;
	struct str cache_status;
	bool again;
};

/* Goes on to list->answer with the page that list->page asks for; call->state is the list, which is in the call's arena. */
must_use struct turn ordered_fetch(struct call *call, struct ordered *list);
/* Says X-Total-Count, and what the cache did, and sends the page. */
must_use struct turn ordered_reply(struct call *call);
/* The words that must be contained: those of the text, or all of it where it has none. False over budget. */
must_use bool order_words(enum order_match match, struct str q, struct arena *arena, struct str_list *words);

#endif
