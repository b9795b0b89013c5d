/* SPDX-License-Identifier: MIT */
/*
 * The data directory: made on first use, locked by the server that owns it, marked with its format's version.
 *
 *	DIR/format      the layout's version, a number     DIR/pg      the private cluster
 *	DIR/lock        held by the running server         DIR/tls     local authority and certificate
 *	DIR/spool       uploads under way                  DIR/keys    signing keys
 */
#ifndef CLI_DATADIR_H
#define CLI_DATADIR_H

#include "base/arena.h"

enum { DATADIR_FORMAT = 1 };

struct datadir {
	struct str path; /* absolute */
	int lock;	 /* descriptor while we hold the lock, else -1 */
};

enum datadir_outcome {
	DATADIR_OK = 0,
	DATADIR_IN_USE = 1, /* a running server holds it (only where the lock was asked for) */
	DATADIR_NEWER = 2,  /* made by a newer recordd; nothing was touched */
	DATADIR_FAILED = -1,
};

/* Makes the directory if need be, takes the lock, checks the format. *said gets a sentence. Release with datadir_close. */
must_use int datadir_open(struct datadir *dir, struct str path, struct arena *arena, struct str *said);
void datadir_close(struct datadir *dir);

#endif
