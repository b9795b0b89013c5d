/* SPDX-License-Identifier: MIT */
/* Small work of the program's own, beside all requests: a call that nobody waits for. */
#ifndef APP_TASK_H
#define APP_TASK_H

#include "app/app.h"

/* Starts it; a failure is logged under `name` (static text) and ends it. False without memory. */
bool task_start(struct app *app, const char *name, struct step first);

#endif
