/* SPDX-License-Identifier: MIT */
/* A binary heap of due times over one timer. */
#include "net/quic_timers.h"

#include <time.h>

enum { NS_PER_S = 1000000000, NS_PER_MS = 1000000, FEWEST_PLACES = 64 };

uint64_t quic_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* ── The heap ── */

static void put(struct quic_timers *timers, size_t place, struct quic_due *due)
{
	timers->heap[place] = due;
	due->place = place;
}

static void rise(struct quic_timers *timers, size_t place)
{
	struct quic_due *due = timers->heap[place];
	for (; place > 1 && timers->heap[place / 2]->at > due->at; place /= 2)
		put(timers, place, timers->heap[place / 2]);
	put(timers, place, due);
}

static void sink(struct quic_timers *timers, size_t place)
{
	struct quic_due *due = timers->heap[place];
	for (size_t child; (child = 2 * place) <= timers->n; place = child) {
		if (child < timers->n && timers->heap[child + 1]->at < timers->heap[child]->at)
			child++;
		if (timers->heap[child]->at >= due->at)
			break;
		put(timers, place, timers->heap[child]);
	}
	put(timers, place, due);
}

void quic_due_forget(struct quic_timers *timers, struct quic_due *due)
{
	size_t place = due->place;
	if (!place)
		return;
	due->place = 0;
	struct quic_due *last = timers->heap[timers->n--];
	if (last == due)
		return;
	put(timers, place, last);
	rise(timers, place);
	sink(timers, last->place);
}

/* ── The timer ── */

/* It is never set later: to fire once in vain costs less than to move it for every packet. */
static void arm(struct quic_timers *timers)
{
	uint64_t at = timers->n ? timers->heap[1]->at : UINT64_MAX, now = quic_clock();
	if (at >= timers->armed)
		return;
	timers->armed = at;
	timer_start(&timers->timer, at > now ? (at - now + NS_PER_MS - 1) / NS_PER_MS : 0, 0);
}

int quic_timers_admit(struct quic_timers *timers, size_t n_owners)
{
	if (n_owners < timers->room)
		return 0;
	size_t room = timers->room ? timers->room * 2 : FEWEST_PLACES;
	while (room <= n_owners)
		room *= 2;
	struct quic_due **heap = reallocarray(timers->heap, room, sizeof(struct quic_due *));
	if (!heap)
		return UV_ENOMEM;
	timers->heap = heap;
	timers->room = room;
	return 0;
}

void quic_due_set(struct quic_timers *timers, struct quic_due *due, uint64_t at)
{
	if (at == UINT64_MAX) {
		quic_due_forget(timers, due);
		return;
	}
	due->at = at;
	if (!due->place) {
		check(timers->n + 1 < timers->room);
		put(timers, ++timers->n, due);
	}
	rise(timers, due->place);
	sink(timers, due->place);
	arm(timers);
}

/* What is set while this runs is for the next turn, even if its time has passed already. */
static void fired(struct timer *timer)
{
	struct quic_timers *timers = container_of(timer, struct quic_timers, timer);
	uint64_t now = quic_clock();
	size_t most = timers->n;

	timers->armed = 0; /* nothing is armed before all have had their turn */
	for (; most && timers->n && timers->heap[1]->at <= now; most--) {
		struct quic_due *due = timers->heap[1];
		quic_due_forget(timers, due);
		due->passed(due);
	}
	timers->armed = UINT64_MAX;
	arm(timers);
}

int quic_timers_open(struct quic_timers *timers, struct loop *loop)
{
	*timers = (struct quic_timers){ .armed = UINT64_MAX };
	return timer_open(&timers->timer, loop, fired);
}

void quic_timers_close(struct quic_timers *timers)
{
	check(timers->n == 0);
	free(take(timers->heap));
	timer_close(&timers->timer);
}
