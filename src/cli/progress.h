/* SPDX-License-Identifier: MIT */
/* How far long work is: one line on a terminal that is written over, nothing anywhere else. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct progress {
	bool shown; /* standard error is a terminal, and --json was not given */
	int64_t last_us;
};

struct progress progress_begin(bool json);
/* At most ten times a second; `text` is printf-formatted. */
void progress_show(struct progress *progress, const char *text, ...) printf_like(2, 3);
/* Clears the line. */
void progress_end(struct progress *progress);

/* Ctrl-C and SIGTERM from now on only set a flag, so that long work ends behind its current batch. */
void interrupt_catch(void);
bool interrupt_seen(void);

#endif
