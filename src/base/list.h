/* SPDX-License-Identifier: MIT */
/* An intrusive doubly linked ring: the head is a link too. A link on no list points to itself. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>

#include "base/compiler.h"

struct link {
	struct link *next, *prev;
};

static inline void list_init(struct link *head) { head->next = head->prev = head; }
static inline bool list_empty(const struct link *head) { return head->next == head; }
static inline bool link_listed(const struct link *link) { return link->next && link->next != link; }

static inline void list_insert_between(struct link *link, struct link *prev, struct link *next)
{
	link->prev = prev;
	link->next = next;
	prev->next = link;
	next->prev = link;
}

static inline void list_push_back(struct link *head, struct link *link) { list_insert_between(link, head->prev, head); }
static inline void list_push_front(struct link *head, struct link *link) { list_insert_between(link, head, head->next); }

/* Takes the link off its list; harmless when it is on none. */
static inline void list_remove(struct link *link)
{
	if (link->next) {
		link->prev->next = link->next;
		link->next->prev = link->prev;
	}
	list_init(link);
}

/* The first link taken off, or NULL. */
static inline struct link *list_pop_front(struct link *head)
{
	struct link *first = head->next;
	if (first == head)
		return NULL;
	list_remove(first);
	return first;
}

#define list_entry(link, type, member) container_of(link, type, member)
/* The body may remove `entry` itself, and no other. */
#define list_each(entry, head, member)                                                               \
	for (__typeof__(entry) next_##entry = list_entry((head)->next, __typeof__(*entry), member);  \
	     (entry) = next_##entry,                                                                 \
			     next_##entry = list_entry((entry)->member.next, __typeof__(*entry), member), \
			     &(entry)->member != (head);)

#endif
