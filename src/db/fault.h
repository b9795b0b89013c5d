/* SPDX-License-Identifier: MIT */
/* What the client is told when the database fails. */
#ifndef DB_FAULT_H
#define DB_FAULT_H

#include "base/problem.h"

/* 503 with Retry-After. */
const struct problem *db_unavailable(struct arena *arena, struct str error);
/* By SQLSTATE, as db.h says. */
const struct problem *db_fault_of(struct arena *arena, struct str sqlstate);

#endif
