/* SPDX-License-Identifier: MIT */
/*
 * Covers of records: uploaded, served, and collected when no record has shown them for covers.keep.
 *
 * A cover is stored in the order row, file, record (migrations/0008_covers_shares.sql), so an interruption leaves at
 * worst a cover without use. Where servers share a database (app_settings.shared_keys) it has the bytes as well, and a
 * file is this server's copy, made when it is first asked for.
 */
#ifndef APP_COVERS_H
#define APP_COVERS_H

#include "app/app.h"

/* In the background: forgets covers that are over, and removes files without a cover. */
void covers_housekeep(struct app *app);

#endif
