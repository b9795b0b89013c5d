/* SPDX-License-Identifier: MIT */
/* Streams of events to a user's own clients, for the rest of the program. */
#ifndef APP_EVENTS_H
#define APP_EVENTS_H

#include "app/app.h"

/* More has been revoked: streams whose token is no longer good end. */
void events_revoked(struct app *app);

#endif
