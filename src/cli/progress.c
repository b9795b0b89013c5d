/* SPDX-License-Identifier: MIT */
/* Progress on a terminal, and an orderly Ctrl-C. */
#include "cli/progress.h"

#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/clock.h"

enum { SHOW_EVERY_US = 100000 };

static volatile sig_atomic_t interrupted;

struct progress progress_begin(bool json)
{
	return (struct progress){ .shown = !json && isatty(STDERR_FILENO) };
}

void progress_show(struct progress *progress, const char *text, ...)
{
	int64_t now = clock_monotonic_us();
	va_list args;

	if (!progress->shown || now - progress->last_us < SHOW_EVERY_US)
		return;
	progress->last_us = now;
	fputs("\r\033[K", stderr);
	va_start(args, text);
	vfprintf(stderr, text, args);
	va_end(args);
}

void progress_end(struct progress *progress)
{
	if (progress->shown && progress->last_us)
		fputs("\r\033[K", stderr);
}

static void interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

void interrupt_catch(void)
{
	struct sigaction action = { .sa_handler = interrupt };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool interrupt_seen(void)
{
	return interrupted;
}
