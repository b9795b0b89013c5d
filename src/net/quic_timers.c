/* SPDX-License-Identifier: MIT */
/* A binary heap of due times over one timerfd. */
#include "net/quic_timers.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_S = 1000000000, FEWEST_PLACES = 64 };

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

/* ── The kernel's timer ── */

/* It is never set later: firing early once costs less than a system call for every packet. */
static void arm(struct quic_timers *timers)
{
	uint64_t at = timers->n ? timers->heap[1]->at : UINT64_MAX;
	if (at >= timers->armed)
		return;
	timers->armed = at;
	at = at ? at : 1; /* 0 would switch it off */
	struct itimerspec when = { .it_value = { (time_t)(at / NS_PER_S), (long)(at % NS_PER_S) } };
	timerfd_settime(timers->fd, TFD_TIMER_ABSTIME, &when, NULL);
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
static void fired(uv_poll_t *poll, int status, int events)
{
	struct quic_timers *timers = poll->data;
	uint64_t times, now = quic_clock();
	size_t most = timers->n;
	(void)status, (void)events;

	if (read(timers->fd, &times, sizeof(times)) < 0 && errno == EAGAIN)
		return;
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
	timers->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (timers->fd < 0)
		return -errno;
	timers->poll = calloc(1, sizeof(*timers->poll));
	int error = timers->poll ? uv_poll_init(&loop->uv, timers->poll, timers->fd) : UV_ENOMEM;
	if (error) {
		free(take(timers->poll));
		close(timers->fd);
		return error;
	}
	timers->poll->data = timers;
	uv_poll_start(timers->poll, UV_READABLE, fired);
	return 0;
}

static void closed(uv_handle_t *handle)
{
	free(handle);
}

void quic_timers_close(struct quic_timers *timers)
{
	check(timers->n == 0);
	free(take(timers->heap));
	if (!timers->poll)
		return;
	uv_poll_stop(timers->poll);
	uv_close((uv_handle_t *)take(timers->poll), closed);
	close(timers->fd);
}
