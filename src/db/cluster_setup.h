/* SPDX-License-Identifier: MIT */
/* What a new cluster is given: roles, their settings, the database. Blocking. */
#ifndef DB_CLUSTER_SETUP_H
#define DB_CLUSTER_SETUP_H

#include <libpq-fe.h>

#include "base/arena.h"

/* Makes what is missing, as the administrator; false with a sentence in *said. */
must_use bool db_cluster_setup(PGconn *pg, struct arena *arena, struct str *said);

#endif
