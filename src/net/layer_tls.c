/* SPDX-License-Identifier: MIT */
/* The TLS layer of a connection: handshake, records, and the protocol by ALPN. */
#include "net/stack.h"
#include "obs/log.h"
#include "obs/metrics.h"

/* The last one when the client offered nothing; NULL when a protocol was agreed on that this listener has not. */
static const struct protocol *protocol_by_alpn(const struct conn *conn)
{
	struct str agreed = str_of(tls_session_alpn(conn->tls));
	const struct protocol *last = NULL;

	for (const struct protocol *const *row = conn->host->protocols; *row; row++) {
		last = *row;
		if (str_equal(str_of(last->alpn), agreed))
			return last;
	}
	return str_present(agreed) ? NULL : last;
}

/* The session comes with the first bytes: who only connects costs next to nothing. */
static int tls_open(struct conn *conn)
{
	(void)conn;
	return 0;
}

static void shaking_leave(struct conn *conn)
{
	if (!link_listed(&conn->shaking))
		return;
	list_remove(&conn->shaking);
	conn->host->n_shaking--;
	metric_add(METRIC_TLS_SHAKING, -1);
}

/*
 * A handshake under way takes some 40 KB. When too many are, the one that began first gives way: those that stand still
 * must not keep out who would be done in a moment.
 */
static void shaking_join(struct conn *conn)
{
	struct conn_host *host = conn->host;
	while (host->n_shaking >= host->max_shaking) { /* several, if the limit was lowered */
		struct conn *first = container_of(host->shaking.next, struct conn, shaking);
		conn_handshake_lost(first, TLS_FAILURE_CROWDED);
		conn_abort(first);
	}
	list_push_back(&host->shaking, &conn->shaking);
	host->n_shaking++;
	metric_add(METRIC_TLS_SHAKING, 1);
}

static bool session_begun(struct conn *conn)
{
	if (conn->tls)
		return true;
	conn->tls = tls_session_new(conn->host->tls, &conn->wire);
	if (conn->tls)
		shaking_join(conn);
	return conn->tls != NULL;
}

static void log_failure(const struct conn *conn)
{
	char why[320];
	log_debug("TLS failed", LOG_TEXT("peer", conn_peer(conn)), LOG_TEXT("server_name", conn_server_name(conn)),
		  LOG_TEXT("why", tls_session_failure(conn->tls, why, sizeof(why))));
}

void conn_handshake_lost(struct conn *conn, enum tls_failure failure)
{
	if (!conn->tls)
		return;
	tls_session_lost(conn->tls, failure);
	log_failure(conn);
	shaking_leave(conn);
}

static void failed(struct conn *conn)
{
	shaking_leave(conn);
	if (tls_session_alerted(conn->tls))
		metric_add(METRIC_TLS_ALERTS_RECEIVED, 1);
	log_failure(conn);
	buf_clear(&conn->plain); /* nothing may follow the alert */
	conn_close(conn);
}

static void shake_hands(struct conn *conn, struct str *bytes)
{
	spares_lend(&conn->host->spares, &conn->wire);
	enum tls_progress progress = tls_session_handshake(conn->tls, bytes);
	if (conn->wire.len)
		loop_flush_later(conn->host->loop, &conn->flusher);
	else
		spares_return(&conn->host->spares, &conn->wire);
	if (progress == TLS_FAULT)
		failed(conn);
	if (progress != TLS_DONE)
		return;
	shaking_leave(conn);
	const struct protocol *protocol = protocol_by_alpn(conn);
	if (protocol)
		conn_ready(conn, protocol);
	else
		conn_close(conn);
}

/* A record that carries nothing for us (an alert that only warns) is eaten without being delivered. */
static bool read_record(struct conn *conn, struct str *bytes)
{
	size_t n;
	switch (tls_session_read(conn->tls, bytes, conn->host->plain, &n)) {
	case TLS_DONE:
		conn_deliver(conn, (struct str){ conn->host->plain, n });
		return true;
	case TLS_HUNGRY:
		return bytes->len > 0;
	case TLS_ENDED:
		conn_input_over(conn);
		return false;
	case TLS_FAULT:
		break;
	}
	failed(conn);
	return false;
}

static void tls_input(struct conn *conn, struct str bytes)
{
	if (!session_begun(conn)) {
		conn_abort(conn);
		return;
	}
	while (bytes.len && conn->stage == CONN_SHAKING_HANDS)
		shake_hands(conn, &bytes);
	if (bytes.len && !conn->input_over)
		while (conn->stage == CONN_OPEN && read_record(conn, &bytes))
			;
	tls_session_rest(conn->tls);
	if (conn->wire.len) /* Mbed TLS answered by itself */
		loop_flush_later(conn->host->loop, &conn->flusher);
}

static int tls_seal(struct conn *conn)
{
	spares_lend(&conn->host->spares, &conn->wire);
	if (tls_session_write(conn->tls, buf_str(&conn->plain)) != TLS_DONE)
		return UV_EPROTO;
	tls_session_rest(conn->tls);
	spares_return(&conn->host->spares, &conn->plain);
	return 0;
}

static void tls_farewell(struct conn *conn)
{
	tls_session_farewell(conn->tls);
}

static void tls_closed(struct conn *conn)
{
	shaking_leave(conn);
	tls_session_free(take(conn->tls));
}

const struct layer layer_tls = {
	.open = tls_open,
	.input = tls_input,
	.seal = tls_seal,
	.farewell = tls_farewell,
	.closed = tls_closed,
};
