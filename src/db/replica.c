/* SPDX-License-Identifier: MIT */
/* A pool and the pool of its replica: what is read there, and what comes back. */
#include "db/pool.h"
#include "db/rows.h"
#include "obs/metrics.h"

void db_read_from(struct db *db, struct db *replica, bool (*may)(void *arg, struct str user), void *arg)
{
	check(!db->primary && !replica->replica);
	db->replica = replica;
	db->may_read = may;
	db->may_read_arg = arg;
	replica->primary = db;
}

struct db *db_pool_for(struct db *db, const struct db_statement *statement, const struct db_params *params)
{
	struct str why;

	if (!db->replica || !statement->replica || !db_up(db->replica) || !db_pool_room(db->replica, &why) ||
	    !db->may_read(db->may_read_arg, str_of(params->values[0])))
		return db;
	metric_add(METRIC_REPLICA_READS, 1);
	return db->replica;
}

/* Whatever is wrong may be so on the replica alone. */
static bool failed_there(const struct db_unit *unit)
{
	ExecStatusType status = unit->result ? PQresultStatus(unit->result) : PGRES_TUPLES_OK;
	struct str sqlstate = db_result_sqlstate(unit->result);

	if (unit->lost || (!unit->result && !unit->conn))
		return true;
	return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && !db_expects(unit->statement, sqlstate);
}

bool db_pool_hand_on(struct db *db, struct db_unit *unit)
{
	struct str why;

	if (!db->primary || !unit->call || unit->kind != UNIT_QUERY || !unit->statement->replica ||
	    !failed_there(unit) || !db_pool_room(db->primary, &why))
		return false;
	PQclear(take(unit->result));
	unit->db = db->primary;
	unit->lost = unit->retried = unit->exposed = unit->cancel_sent = unit->preparing = false;
	metric_add(METRIC_REPLICA_HANDED_ON, 1);
	db_pool_submit(db->primary, unit);
	return true;
}
