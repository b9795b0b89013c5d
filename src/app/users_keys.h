/* SPDX-License-Identifier: MIT */
/* The signing keys in memory, brought up to date with the file or the table that keeps them. */
#ifndef APP_USERS_KEYS_H
#define APP_USERS_KEYS_H

#include "app/app.h"

/*
 * Part of a longer call: reads them from the data directory, or with an external database from there, where the first
 * node to come leaves its own.
 */
must_use struct turn users_keys_load(struct call *call, struct step next);
/* They have been rotated: reads them as a call of its own. */
void users_keys_reload(struct app *app);

#endif
