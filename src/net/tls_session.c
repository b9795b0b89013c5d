/* SPDX-License-Identifier: MIT */
/* A server-side TLS session on Mbed TLS, fed from a slice and writing into a buffer. */
#include "net/tls_session.h"

#include <mbedtls/error.h>
#include <string.h>

#include "net/tls_context.h"

struct tls_session {
	mbedtls_ssl_context ssl;
	struct tls_context *context;
	struct buf *wire;
	struct str from_wire; /* during a call only */
	struct tls_shake shake;
	size_t hello_bytes; /* read while the ClientHello was not complete */
	int error;	    /* Mbed TLS's, that ended it */
	bool established;
	struct tls_rest rest;
};

static int to_wire(void *arg, const unsigned char *bytes, size_t len)
{
	struct tls_session *session = arg;
	buf_add(session->wire, (struct str){ (const char *)bytes, len });
	return buf_failed(session->wire) ? MBEDTLS_ERR_SSL_ALLOC_FAILED : (int)len;
}

static int from_wire(void *arg, unsigned char *to, size_t room)
{
	struct tls_session *session = arg;
	size_t n = room < session->from_wire.len ? room : session->from_wire.len;
	if (n == 0)
		return MBEDTLS_ERR_SSL_WANT_READ;
	memcpy(to, session->from_wire.at, n);
	session->from_wire = str_skip(session->from_wire, n);
	return (int)n;
}

struct tls_session *tls_session_new(struct tls_context *tls, struct buf *wire)
{
	struct tls_session *session = calloc(1, sizeof(*session));
	if (!session)
		return NULL;
	session->context = tls_context_ref(tls);
	session->wire = wire;
	mbedtls_ssl_init(&session->ssl);
	if (mbedtls_ssl_setup(&session->ssl, &tls->config)) {
		tls_session_free(session);
		return NULL;
	}
	mbedtls_ssl_set_bio(&session->ssl, session, to_wire, from_wire, NULL);
	return session;
}

void tls_session_free(struct tls_session *session)
{
	if (!session)
		return;
	mbedtls_ssl_free(&session->ssl);
	tls_context_free(session->context);
	tls_shake_free(&session->shake);
	free(session);
}

static enum tls_progress progress_of(struct tls_session *session, int result)
{
	switch (result) {
	case 0:
		return TLS_DONE;
	case MBEDTLS_ERR_SSL_WANT_READ:
		return TLS_HUNGRY;
	case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
		return TLS_ENDED;
	default:
		/* KeyUpdate above all, which Mbed TLS 3.6 does not speak and refuses in silence. */
		if (result == MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE && session->established)
			(void)mbedtls_ssl_send_alert_message(&session->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
							     MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE);
		session->error = result;
		session->established = false;
		return TLS_FAULT;
	}
}

/* A ClientHello may come in any number of records; whoever sends no end of it must not be listened to for ever. */
static struct str within_hello_limit(const struct tls_session *session, struct str bytes)
{
	return session->shake.saw_hello ? bytes : str_first(bytes, session->context->max_hello - session->hello_bytes);
}

static void hello_limit(struct tls_session *session, size_t n_eaten)
{
	session->hello_bytes += n_eaten;
	if (session->shake.saw_hello || session->hello_bytes < session->context->max_hello)
		return;
	session->shake.error = MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
	tls_shake_fail(&session->shake, TLS_FAILURE_HELLO_SIZE, NULL, 0);
}

/* Mbed TLS does not send one for all that it gives up for. */
static void alert_always(struct tls_session *session, size_t wire_before)
{
	enum tls_failure failure = session->shake.failure;
	if (failure && failure != TLS_FAILURE_ALERT && session->wire->len == wire_before)
		(void)mbedtls_ssl_send_alert_message(&session->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
						     tls_failure_alert(failure));
}

enum tls_progress tls_session_handshake(struct tls_session *session, struct str *bytes)
{
	size_t wire_before = session->wire->len;
	size_t given = within_hello_limit(session, *bytes).len;
	session->from_wire = str_first(*bytes, given);
	int result = tls_shake_hands(session->context, &session->ssl, &session->shake);
	size_t eaten = given - session->from_wire.len;
	if (result == MBEDTLS_ERR_SSL_WANT_READ)
		hello_limit(session, eaten);
	alert_always(session, wire_before);
	enum tls_progress progress = progress_of(session, session->shake.error ?: result);
	session->established = progress == TLS_DONE;
	*bytes = str_skip(*bytes, eaten);
	return progress == TLS_ENDED ? TLS_FAULT : progress;
}

static bool wake(struct tls_session *session)
{
	return tls_rest_end(&session->rest, &session->ssl, &session->context->spares) == 0;
}

void tls_session_rest(struct tls_session *session)
{
	if (session->established)
		tls_rest_begin(&session->rest, &session->ssl, &session->context->spares);
}

enum tls_progress tls_session_read(struct tls_session *session, struct str *bytes, char *to, size_t *n)
{
	if (!wake(session))
		return progress_of(session, MBEDTLS_ERR_SSL_ALLOC_FAILED);
	session->from_wire = *bytes;
	int result = mbedtls_ssl_read(&session->ssl, (unsigned char *)to, TLS_RECORD_MAX);
	*bytes = session->from_wire;
	*n = result > 0 ? (size_t)result : 0;
	if (result == 0) /* from_wire never says so: an empty record */
		return TLS_HUNGRY;
	return progress_of(session, result > 0 ? 0 : result);
}

enum tls_progress tls_session_write(struct tls_session *session, struct str bytes)
{
	if (!wake(session))
		return progress_of(session, MBEDTLS_ERR_SSL_ALLOC_FAILED);
	while (bytes.len) {
		int result = mbedtls_ssl_write(&session->ssl, (const unsigned char *)bytes.at, bytes.len);
		if (result <= 0)
			return progress_of(session, result ? result : MBEDTLS_ERR_SSL_INTERNAL_ERROR);
		bytes = str_skip(bytes, (size_t)result);
	}
	return TLS_DONE;
}

void tls_session_farewell(struct tls_session *session)
{
	if (session->established && wake(session))
		(void)mbedtls_ssl_close_notify(&session->ssl);
}

const char *tls_session_alpn(const struct tls_session *session)
{
	return mbedtls_ssl_get_alpn_protocol(&session->ssl);
}

struct str tls_session_server_name(const struct tls_session *session)
{
	return str_of(session->shake.server_name);
}

struct str tls_session_client_subject(const struct tls_session *session)
{
	return tls_shake_subject(&session->shake);
}

void tls_session_lost(struct tls_session *session, enum tls_failure failure)
{
	tls_shake_fail(&session->shake, failure, NULL, 0);
}

struct str tls_session_failure(const struct tls_session *session, char *to, size_t room)
{
	if (session->shake.failure)
		return tls_shake_failure(&session->shake, to, room);
	mbedtls_strerror(session->error, to, room);
	return str_of(to);
}

bool tls_session_alerted(const struct tls_session *session)
{
	return session->error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;
}
