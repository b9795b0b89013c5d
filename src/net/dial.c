/* SPDX-License-Identifier: MIT */
/* Connecting, and TLS as a client. */
#include "net/dial.h"

#include <errno.h>
#include <mbedtls/error.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <psa/crypto.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_S = 10 };

static const char *const system_authorities = "/etc/ssl/certs/ca-certificates.crt";
static const char *alpn[] = { "h2", NULL };

struct dial {
	int socket;
	bool clear;
	mbedtls_ssl_context ssl;
	mbedtls_ssl_config config;
	mbedtls_x509_crt authorities;
};

/* ── The socket ── */

/* For connecting only: an answer may take as long as it likes. */
static int connect_to(const struct addrinfo *address)
{
	struct timeval patience = { .tv_sec = PATIENCE_S }, none = { 0 };
	int handle = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol);

	if (handle < 0)
		return -1;
	setsockopt(handle, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(handle, address->ai_addr, address->ai_addrlen)) {
		int error = errno;
		close(handle);
		errno = error;
		return -1;
	}
	setsockopt(handle, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof(none));
	return handle;
}

static int reach(const struct dial_settings *settings, struct arena *arena, struct str *said)
{
	const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found, *each;
	int handle = -1;

	struct str host = arena_copy(arena, settings->host), port = arena_printf(arena, "%d", settings->port);
	int error = getaddrinfo(host.at, port.at, &wanted, &found);
	if (error) {
		*said = arena_printf(arena, "%s: %s", host.at, gai_strerror(error));
		return -1;
	}
	for (each = found; each && handle < 0; each = each->ai_next)
		handle = connect_to(each);
	if (handle < 0)
		*said = arena_printf(arena, "%s port %s: %s", host.at, port.at, strerror(errno));
	freeaddrinfo(found);
	return handle;
}

static int socket_send(void *arg, const unsigned char *bytes, size_t n)
{
	const struct dial *dial = arg;
	ssize_t sent;

	do
		sent = send(dial->socket, bytes, n, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : (int)sent;
}

static int socket_receive(void *arg, unsigned char *into, size_t size)
{
	const struct dial *dial = arg;
	ssize_t n;

	do
		n = recv(dial->socket, into, size, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -1 : (int)n;
}

/* ── TLS ── */

static int configure(struct dial *dial, const struct dial_settings *settings)
{
	if (mbedtls_ssl_config_defaults(&dial->config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
					MBEDTLS_SSL_PRESET_DEFAULT))
		return -1;
	(void)mbedtls_x509_crt_parse_file(&dial->authorities,
					  system_authorities); /* either may be missing: then it vouches for nobody */
	if (settings->ca_file)
		(void)mbedtls_x509_crt_parse_file(&dial->authorities, settings->ca_file);
	mbedtls_ssl_conf_rng(&dial->config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
	mbedtls_ssl_conf_min_tls_version(&dial->config, MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_authmode(&dial->config, MBEDTLS_SSL_VERIFY_REQUIRED);
	mbedtls_ssl_conf_ca_chain(&dial->config, &dial->authorities, NULL);
	return mbedtls_ssl_conf_alpn_protocols(&dial->config, alpn);
}

static struct str handshake_fault(struct dial *dial, int error, struct arena *arena)
{
	char text[512] = "";
	uint32_t flags = mbedtls_ssl_get_verify_result(&dial->ssl);

	if (error == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED && flags != UINT32_MAX) {
		int n = mbedtls_x509_crt_verify_info(text, sizeof(text), "", flags);
		struct str rest;
		return n > 0 ? arena_copy(arena, str_cut(str_of(text), '\n', &rest))
			     : STR("the certificate is not trusted");
	}
	mbedtls_strerror(error, text, sizeof(text));
	return arena_copy(arena, str_of(text));
}

static bool shake_hands(struct dial *dial, const struct dial_settings *settings, struct arena *arena, struct str *said)
{
	struct str host = arena_copy(arena, settings->host);
	int error = -1;

	*said = STR("out of memory");
	if (psa_crypto_init() || configure(dial, settings) || mbedtls_ssl_setup(&dial->ssl, &dial->config) ||
	    mbedtls_ssl_set_hostname(&dial->ssl, host.at))
		return false;
	mbedtls_ssl_set_bio(&dial->ssl, dial, socket_send, socket_receive, NULL);
	error = mbedtls_ssl_handshake(&dial->ssl);
	if (error)
		*said = arena_printf(arena, "no TLS with %s: %.*s", host.at,
				     STR_ARG(handshake_fault(dial, error, arena)));
	else if (!mbedtls_ssl_get_alpn_protocol(&dial->ssl))
		*said = arena_printf(arena, "%s does not speak HTTP/2", host.at);
	else
		return true;
	return false;
}

/* ── Connections ── */

struct dial *dial_open(const struct dial_settings *settings, struct arena *arena, struct str *said)
{
	struct dial *dial = calloc(1, sizeof(*dial));

	*said = STR("out of memory");
	if (!dial)
		return NULL;
	dial->clear = settings->clear;
	mbedtls_ssl_init(&dial->ssl);
	mbedtls_ssl_config_init(&dial->config);
	mbedtls_x509_crt_init(&dial->authorities);
	dial->socket = reach(settings, arena, said);
	if (dial->socket >= 0 && (dial->clear || shake_hands(dial, settings, arena, said)))
		return dial;
	dial_close(dial);
	return NULL;
}

void dial_close(struct dial *dial)
{
	if (!dial)
		return;
	if (dial->socket >= 0 && !dial->clear)
		(void)mbedtls_ssl_close_notify(&dial->ssl);
	mbedtls_ssl_free(&dial->ssl);
	mbedtls_ssl_config_free(&dial->config);
	mbedtls_x509_crt_free(&dial->authorities);
	if (dial->socket >= 0)
		close(dial->socket);
	free(dial);
}

bool dial_write(struct dial *dial, struct str bytes)
{
	while (bytes.len) {
		const unsigned char *at = (const unsigned char *)bytes.at;
		int n = dial->clear ? socket_send(dial, at, bytes.len) : mbedtls_ssl_write(&dial->ssl, at, bytes.len);
		if (n <= 0)
			return false;
		bytes = str_skip(bytes, (size_t)n);
	}
	return true;
}

long dial_read(struct dial *dial, char *into, size_t size)
{
	int n;

	if (dial->clear)
		return socket_receive(dial, (unsigned char *)into, size);
	do
		n = mbedtls_ssl_read(&dial->ssl, (unsigned char *)into, size);
	while (n == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET);
	return n == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY ? 0 : n;
}
