/* SPDX-License-Identifier: MIT */
/* Cancelling on the server: PQcancel blocks, so it runs on a worker. */
#include "db/conn.h"

#include "obs/log.h"
#include "obs/metrics.h"

struct cancel {
	uv_work_t work;
	PGcancel *request;
	struct db_conn *conn;
	struct db_drain *drain;
	unsigned generation; /* of the connection it is meant for */
	bool sent;
	char why[256];
};

static void run(uv_work_t *work)
{
	struct cancel *cancel = work->data;
	cancel->sent = PQcancel(cancel->request, cancel->why, sizeof(cancel->why));
}

/* From here on the signal has reached the backend: what is sent now cannot be hit by it. */
static void finished(uv_work_t *work, int status)
{
	struct cancel *cancel = work->data;
	struct db_conn *conn = cancel->conn;
	struct db_drain *drain = cancel->drain;

	check(status == 0);
	if (!cancel->sent)
		log_warn("query not cancelled", LOG_TEXT("why", str_trim(str_of(cancel->why))));
	if (conn->state == CONN_UP && conn->generation == cancel->generation) {
		conn->cancelling = false;
		conn->events->usable(conn);
	}
	PQfreeCancel(cancel->request);
	free(cancel);
	db_drain_give(drain);
}

void db_conn_cancel(struct db_conn *conn)
{
	struct db_unit *head = db_conn_head(conn), *unit;
	struct cancel *cancel = calloc(1, sizeof(*cancel));

	if (!cancel)
		return;
	*cancel = (struct cancel){ .conn = conn, .drain = conn->link.drain, .generation = conn->generation };
	cancel->work.data = cancel;
	cancel->request = PQgetCancel(conn->link.pg);
	if (!cancel->request) {
		free(cancel);
		return;
	}
	head->cancel_sent = true;
	conn->cancelling = true;
	list_each(unit, &conn->in_flight, link) unit->exposed = unit != head;
	metric_add(METRIC_DB_CANCELLED, 1);
	db_drain_take(cancel->drain);
	check(uv_queue_work(&conn->link.loop->uv, &cancel->work, run, finished) == 0);
}
