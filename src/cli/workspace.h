/* SPDX-License-Identifier: MIT */
/* What a command works on: the data directory and a database that answers, a running server's or its own for the while. */
#ifndef CLI_WORKSPACE_H
#define CLI_WORKSPACE_H

#include "cli/config.h"
#include "cli/datadir.h"
#include "db/cluster.h"

struct workspace {
	struct datadir dir;
	struct db_cluster *cluster; /* NULL: a running server's, or an external database */
	bool external;
	struct str owner, app, job; /* conninfos by role; an external database has one login for all */
};

/*
 * Opens it: takes the data directory's lock and starts the private cluster, or finds the running server's. With
 * `exclusive` a running server is an error. Returns EX_OK or a code of sysexits with *said. Close with workspace_close.
 */
must_use int workspace_open(struct workspace *work, const struct config *config, bool exclusive, struct arena *arena,
			    struct str *said);
void workspace_close(struct workspace *work);

/* Applies missing migrations as the owner; EX_OK or a code with *said. *n_applied may be NULL. */
must_use int workspace_migrate(const struct workspace *work, struct arena *arena, struct str *said, int *n_applied);

#endif
