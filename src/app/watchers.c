/* SPDX-License-Identifier: MIT */
/* Who waits for changes. */
#include "app/watchers.h"

#include "base/hash.h"

void watchers_init(struct watchers *watchers)
{
	for (size_t i = 0; i < WATCHER_BUCKETS; i++)
		list_init(&watchers->buckets[i]);
}

static struct link *bucket_of(struct watchers *watchers, const struct uuid *user)
{
	uint64_t hash = hash_str((struct str){ (const char *)user->bytes, sizeof(user->bytes) });
	return &watchers->buckets[hash % WATCHER_BUCKETS];
}

static void watcher_ends(void *arg)
{
	list_remove(&((struct watcher *)arg)->link);
}

bool watcher_begin(struct watcher *watcher, struct watchers *watchers, struct call *call, const struct uuid *user)
{
	*watcher = (struct watcher){ .call = call, .user = *user };
	list_init(&watcher->link);
	if (!call_defer(call, watcher_ends, watcher))
		return false;
	list_push_back(bucket_of(watchers, user), &watcher->link);
	return true;
}

static bool is_gone(struct call *call, void *source)
{
	(void)call;
	((struct watcher *)source)->waiting = false;
	return true;
}

struct turn watcher_wait(struct watcher *watcher, struct step next)
{
	if (watcher->due) {
		watcher->due = false;
		return call_next(watcher->call, next);
	}
	watcher->waiting = true;
	return call_wait(watcher->call, next, is_gone, watcher);
}

bool watcher_nudge(struct watcher *watcher)
{
	if (!watcher->waiting)
		return false;
	watcher->waiting = false;
	call_wake(watcher->call);
	return true;
}

static void tell(struct watcher *watcher)
{
	if (!watcher_nudge(watcher))
		watcher->due = true;
}

void watchers_changed(struct watchers *watchers, const struct uuid *user)
{
	struct watcher *watcher;

	list_each(watcher, bucket_of(watchers, user), link) if (uuid_equal(&watcher->user, user)) tell(watcher);
}

void watchers_health(struct watchers *watchers)
{
	watchers_changed(watchers, &(struct uuid){ 0 });
}

void watchers_revoked(struct watchers *watchers, bool (*holds)(const void *arg, const struct identity *identity),
		      const void *arg)
{
	struct watcher *watcher;

	for (size_t i = 0; i < WATCHER_BUCKETS; i++)
		list_each(watcher, &watchers->buckets[i], link)
			if (watcher->call->identity && !holds(arg, watcher->call->identity)) tell(watcher);
}

void watchers_look(struct watchers *watchers)
{
	struct watcher *watcher;

	for (size_t i = 0; i < WATCHER_BUCKETS; i++)
		list_each(watcher, &watchers->buckets[i], link) tell(watcher);
}
