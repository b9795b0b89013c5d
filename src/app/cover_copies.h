/* SPDX-License-Identifier: MIT */
/* The bytes of covers in a database that servers share. All of it blocks, and is for workers. */
#ifndef APP_COVER_COPIES_H
#define APP_COVER_COPIES_H

#include "app/cover_files.h"

/* Puts the bytes there for the other servers; enum cover_outcome. */
must_use int cover_copy_keep(struct str conninfo, struct str id, struct str bytes);
/* Makes this server's file of them, if they are there; enum cover_outcome. */
must_use int cover_copy_fetch(struct str conninfo, struct str dir, struct str id);

#endif
