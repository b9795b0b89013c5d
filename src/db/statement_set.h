/* SPDX-License-Identifier: MIT */
/* Which statements a connection has prepared: a set of pointers. */
#ifndef DB_STATEMENT_SET_H
#define DB_STATEMENT_SET_H

#include <stdbool.h>

#include "base/compiler.h"

struct db_statement;

struct db_statement_set {
	const struct db_statement **slots; /* open addressing; NULL is free */
	size_t n, n_slots;		   /* n_slots: 0 or a power of two */
};

bool db_statement_set_has(const struct db_statement_set *set, const struct db_statement *statement);
/* False without memory. */
must_use bool db_statement_set_add(struct db_statement_set *set, const struct db_statement *statement);
void db_statement_set_remove(struct db_statement_set *set, const struct db_statement *statement);
/* Empties it and frees its memory. */
void db_statement_set_clear(struct db_statement_set *set);

#endif
