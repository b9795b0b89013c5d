/* SPDX-License-Identifier: MIT */
/*
 * A load generator for HTTP/1.1 and HTTP/2 over TLS 1.3, on nghttp2 and GnuTLS: at a rate, or as fast as it goes.
 *
 *     tlsload [-1] [-c CONNECTIONS] [-m STREAMS] [-d SECONDS] [-w SECONDS] [-r RATE] [-H 'name: value']… HOST PORT FILE
 *
 * FILE has a path a line; they are asked for one after the other, from the first again after the last. -1 is HTTP/1.1.
 * All connections are made first. Then -w seconds are not counted, and -d seconds are; load_plan.h says when requests are
 * due. At the end one line of JSON tells what was counted, in milliseconds. Ten seconds after the end nobody waits any
 * longer. An answer other than 200 is a failure; a lost connection ends it all. The certificate is not looked at.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <stdarg.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load_plan.h"

enum { HEADERS_MAX = 16, OUT_MAX = 65536, IN_MAX = 65536, HEAD_MAX = 16384, REQUEST_MAX = 8192, EVENTS = 256, GRACE_S = 10, ALARM_S = 60 };
enum { WINDOW = 16 << 20 };

static const char priority[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:-GROUP-ALL:+GROUP-X25519";

struct request {
	uint64_t from_ns;
	bool used, good, hit;
};

struct client {
	int fd;
	gnutls_session_t tls;
	nghttp2_session *http2;
	struct request *requests; /* want.streams of them */
	unsigned active;
	uint8_t out[OUT_MAX];
	size_t out_len, sending; /* sending: handed to GnuTLS, which wants it again */
	bool watches_write;
	char head[HEAD_MAX]; /* HTTP/1.1 */
	size_t head_len, body_left;
	bool in_body;
};

static struct {
	const char *host;
	struct sockaddr_in remote;
	nghttp2_nv fields[HEADERS_MAX + 4];
	size_t n_fields;
	char h1_fields[REQUEST_MAX];
	unsigned connections, streams;
	double seconds;
	bool h1;
} want = { .connections = 1, .streams = 1, .seconds = 1 };

static struct plan plan;
static struct client *clients;
static gnutls_certificate_credentials_t credentials;
static int epoll_fd;
static uint64_t bytes;
static unsigned n_active;

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("tlsload: ", stderr);
	vfprintf(stderr, format, args);
	fputs("\n", stderr);
	va_end(args);
	exit(1);
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

static void request_end(struct client *client, struct request *request)
{
	plan_answered(&plan, request->from_ns, request->good, request->hit);
	request->used = false;
	client->active--;
	n_active--;
}

static void add_out(struct client *client, const void *data, size_t n)
{
	if (n > OUT_MAX - client->out_len)
		die("the output is full");
	memcpy(client->out + client->out_len, data, n);
	client->out_len += n;
}

static void begin_h1(struct client *client, const char *path)
{
	char text[REQUEST_MAX * 2];
	int n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nhost: %s\r\n%s\r\n", path, want.host, want.h1_fields);
	if (n < 0 || (size_t)n >= sizeof(text))
		die("a request is too long");
	add_out(client, text, (size_t)n);
	client->head_len = 0;
	client->in_body = false;
}

static void begin_h2(struct client *client, struct request *request, const char *path)
{
	want.fields[3].value = (uint8_t *)(uintptr_t)path;
	want.fields[3].valuelen = strlen(path);
	if (nghttp2_submit_request(client->http2, NULL, want.fields, want.n_fields, NULL, request) < 0)
		die("a request was not accepted");
}

static void request_begin(struct client *client, const char *path, uint64_t from_ns)
{
	struct request *request = client->requests;
	while (request->used)
		request++;
	*request = (struct request){ .from_ns = from_ns, .used = true };
	client->active++;
	n_active++;
	if (want.h1)
		begin_h1(client, path);
	else
		begin_h2(client, request, path);
}

/* ---- HTTP/2 ------------------------------------------------------------------------------------------------------ */

static bool text_is(const uint8_t *text, size_t n, const char *wanted)
{
	return n == strlen(wanted) && !memcmp(text, wanted, n);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
		     const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
	struct request *request = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	(void)flags, (void)arg;
	if (request && text_is(name, name_len, ":status"))
		request->good = text_is(value, value_len, "200");
	else if (request && text_is(name, name_len, "x-cache"))
		request->hit = text_is(value, value_len, "HIT");
	return 0;
}

static int on_chunk(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data, size_t n, void *arg)
{
	(void)session, (void)flags, (void)id, (void)data, (void)arg;
	bytes += n;
	return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *arg)
{
	struct request *request = nghttp2_session_get_stream_user_data(session, id);
	if (!request)
		return 0;
	request->good = request->good && code == NGHTTP2_NO_ERROR;
	request_end(arg, request);
	return 0;
}

static void http2_begin(struct client *client)
{
	nghttp2_session_callbacks *callbacks;
	static const nghttp2_settings_entry settings[] = { { NGHTTP2_SETTINGS_ENABLE_PUSH, 0 },
							   { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW } };
	if (nghttp2_session_callbacks_new(&callbacks))
		die("no memory");
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_chunk);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
	if (nghttp2_session_client_new(&client->http2, callbacks, client) ||
	    nghttp2_submit_settings(client->http2, NGHTTP2_FLAG_NONE, settings, 2) ||
	    nghttp2_session_set_local_window_size(client->http2, NGHTTP2_FLAG_NONE, 0, WINDOW))
		die("HTTP/2 could not be set up");
	nghttp2_session_callbacks_del(callbacks);
}

/* ---- HTTP/1.1 ---------------------------------------------------------------------------------------------------- */

/* The value of a header of the head, or NULL; ends at its line's end. */
static const char *head_value(const char *head, const char *name)
{
	size_t n = strlen(name);
	for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
		if (!strncasecmp(line + 2, name, n) && line[2 + n] == ':')
			return line + 3 + n + strspn(line + 3 + n, " ");
	return NULL;
}

static void head_read(struct client *client)
{
	const char *length = head_value(client->head, "content-length"), *cache = head_value(client->head, "x-cache");
	struct request *request = client->requests;
	if (!length)
		die("an answer without Content-Length:\n%s", client->head);
	request->good = !strncmp(client->head, "HTTP/1.1 200 ", 13);
	request->hit = cache && !strncmp(cache, "HIT\r", 4);
	client->body_left = strtoull(length, NULL, 10);
	client->in_body = true;
}

static void h1_take(struct client *client, const uint8_t *data, size_t n)
{
	while (n) {
		size_t used = 1;
		if (client->in_body) {
			used = n < client->body_left ? n : client->body_left;
			client->body_left -= used;
			bytes += used;
		} else {
			if (client->head_len + 1 >= HEAD_MAX || !client->active)
				die("an answer that nobody asked for, or whose head is too long");
			client->head[client->head_len++] = (char)*data;
			client->head[client->head_len] = 0;
			if (*data == '\n' && client->head_len >= 4 && !memcmp(client->head + client->head_len - 4, "\r\n\r\n", 4))
				head_read(client);
		}
		data += used, n -= used;
		if (client->in_body && !client->body_left) {
			client->in_body = false;
			client->head_len = 0;
			request_end(client, client->requests);
		}
	}
}

/* ---- connections ------------------------------------------------------------------------------------------------- */

static void watch(struct client *client, bool write)
{
	struct epoll_event event = { .events = EPOLLIN | (write ? EPOLLOUT : 0u), .data.ptr = client };
	if (client->watches_write != write && epoll_ctl(epoll_fd, EPOLL_CTL_MOD, client->fd, &event))
		die("epoll: %s", strerror(errno));
	client->watches_write = write;
}

static void fill(struct client *client)
{
	const uint8_t *data;
	while (client->http2 && OUT_MAX - client->out_len > 2 * REQUEST_MAX + 32) {
		ssize_t n = nghttp2_session_mem_send(client->http2, &data);
		if (n < 0)
			die("HTTP/2: %s", nghttp2_strerror((int)n));
		if (n == 0)
			return;
		add_out(client, data, (size_t)n);
	}
}

static void client_write(struct client *client)
{
	for (fill(client); client->out_len; fill(client)) {
		size_t n = client->sending ? client->sending : client->out_len;
		ssize_t sent = client->sending ? gnutls_record_send(client->tls, NULL, 0) : gnutls_record_send(client->tls, client->out, n);
		if (sent == GNUTLS_E_AGAIN || sent == GNUTLS_E_INTERRUPTED) {
			client->sending = n;
			return watch(client, true);
		}
		if (sent <= 0)
			die("a connection was lost: %s", gnutls_strerror((int)sent));
		client->sending = 0;
		memmove(client->out, client->out + sent, client->out_len -= (size_t)sent);
	}
	watch(client, false);
}

static void client_read(struct client *client)
{
	static uint8_t in[IN_MAX];
	for (;;) {
		ssize_t n = gnutls_record_recv(client->tls, in, sizeof(in));
		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			return;
		if (n <= 0)
			die("a connection was lost: %s", n ? gnutls_strerror((int)n) : "closed");
		if (want.h1)
			h1_take(client, in, (size_t)n);
		else if (nghttp2_session_mem_recv(client->http2, in, (size_t)n) < 0)
			die("bad HTTP/2");
	}
}

static void client_begin(struct client *client)
{
	const gnutls_datum_t alpn = want.h1 ? (gnutls_datum_t){ (unsigned char *)(uintptr_t) "http/1.1", 8 }
					    : (gnutls_datum_t){ (unsigned char *)(uintptr_t) "h2", 2 };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	int on = 1, error;
	client->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&want.remote, sizeof(want.remote)))
		die("connect: %s", strerror(errno));
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	client->requests = calloc(want.streams, sizeof(*client->requests));
	if (!client->requests || gnutls_init(&client->tls, GNUTLS_CLIENT | GNUTLS_NO_TICKETS) ||
	    gnutls_priority_set_direct(client->tls, priority, NULL) ||
	    gnutls_credentials_set(client->tls, GNUTLS_CRD_CERTIFICATE, credentials) ||
	    gnutls_alpn_set_protocols(client->tls, &alpn, 1, GNUTLS_ALPN_MANDATORY) ||
	    gnutls_server_name_set(client->tls, GNUTLS_NAME_DNS, want.host, strlen(want.host)))
		die("GnuTLS could not be set up");
	gnutls_transport_set_int(client->tls, client->fd);
	while ((error = gnutls_handshake(client->tls)) && !gnutls_error_is_fatal(error))
		;
	if (error)
		die("handshake: %s", gnutls_strerror(error));
	if (!want.h1)
		http2_begin(client);
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, client->fd, &event) || fcntl(client->fd, F_SETFL, fcntl(client->fd, F_GETFL) | O_NONBLOCK))
		die("epoll: %s", strerror(errno));
	client_write(client);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

/* Sends what is due, as far as there is room. */
static void pump(void)
{
	static unsigned turn;
	uint64_t now = plan_now_ns();
	for (unsigned full = 0; full < want.connections && plan_due_ns(&plan, now) <= now;) {
		struct client *client = &clients[turn++ % want.connections];
		const char *path;
		uint64_t from_ns;
		if (client->active == want.streams) {
			full++;
			continue;
		}
		full = 0;
		if (!plan_take(&plan, now, &path, &from_ns))
			return;
		request_begin(client, path, from_ns);
		client_write(client);
	}
}

static bool running(uint64_t now)
{
	if (now < plan.ends_ns)
		return true;
	return now < plan.ends_ns + GRACE_S * PLAN_SECOND && (n_active || plan_due_ns(&plan, now) <= now);
}

/* Until the next request is due, if there is room for it, or an answer comes. */
static struct timespec patience(uint64_t now)
{
	uint64_t until = plan_due_ns(&plan, now), most = now + PLAN_SECOND / 10;
	if (until > most || n_active == want.connections * want.streams)
		until = most;
	uint64_t left = until > now ? until - now : 0;
	return (struct timespec){ .tv_sec = (time_t)(left / PLAN_SECOND), .tv_nsec = (long)(left % PLAN_SECOND) };
}

static void run(void)
{
	struct epoll_event events[EVENTS];
	for (uint64_t now = plan_now_ns(); running(now); now = plan_now_ns()) {
		struct timespec left = patience(now);
		int n = epoll_pwait2(epoll_fd, events, EVENTS, &left, NULL);
		for (int i = 0; i < n; i++) {
			struct client *client = events[i].data.ptr;
			client_read(client);
			client_write(client);
		}
		pump();
	}
	for (unsigned i = 0; i < want.connections; i++)
		for (unsigned at = 0; at < want.streams; at++)
			if (clients[i].requests[at].used)
				plan_given_up(&plan, clients[i].requests[at].from_ns);
	plan_finish(&plan);
}

static void field(const char *name, const char *value)
{
	if (want.n_fields == HEADERS_MAX + 4)
		die("too many headers");
	want.fields[want.n_fields++] = (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name,
						     .namelen = strlen(name),
						     .value = (uint8_t *)(uintptr_t)value,
						     .valuelen = strlen(value) };
	size_t at = strlen(want.h1_fields);
	if (*name != ':' && snprintf(want.h1_fields + at, sizeof(want.h1_fields) - at, "%s: %s\r\n", name, value) >= (int)(sizeof(want.h1_fields) - at))
		die("the headers are too long");
}

static void header(char *text)
{
	char *colon = strchr(text, ':');
	if (!colon)
		die("a header without a colon");
	*colon++ = 0;
	field(text, colon + strspn(colon, " "));
}

static void command_line(int argc, char **argv)
{
	char *headers[HEADERS_MAX];
	size_t n = 0;
	for (int option; (option = getopt(argc, argv, "1c:m:d:w:r:H:")) != -1;)
		switch (option) {
		case '1':
			want.h1 = true;
			break;
		case 'c':
			want.connections = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'm':
			want.streams = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'd':
			want.seconds = strtod(optarg, NULL);
			break;
		case 'w':
			plan.warm_s = strtod(optarg, NULL);
			break;
		case 'r':
			plan.rate = strtod(optarg, NULL);
			break;
		case 'H':
			if (n == HEADERS_MAX)
				die("too many headers");
			headers[n++] = optarg;
			break;
		default:
			exit(64);
		}
	if (argc - optind != 3 || !want.connections || !want.streams)
		die("usage: tlsload [-1] [-c N] [-m N] [-d SECONDS] [-w SECONDS] [-r RATE] [-H HEADER]… HOST PORT FILE");
	if (want.h1)
		want.streams = 1;
	want.host = argv[optind];
	want.remote = (struct sockaddr_in){ .sin_family = AF_INET,
					    .sin_port = htons((uint16_t)strtoul(argv[optind + 1], NULL, 10)),
					    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (!plan_read(&plan, argv[optind + 2]))
		die("%s has no paths", argv[optind + 2]);
	field(":method", "GET"), field(":scheme", "https"), field(":authority", want.host), field(":path", "/");
	for (size_t i = 0; i < n; i++)
		header(headers[i]);
}

int main(int argc, char **argv)
{
	command_line(argc, argv);
	alarm((unsigned)(want.seconds + plan.warm_s) + ALARM_S);
	clients = calloc(want.connections, sizeof(*clients));
	epoll_fd = epoll_create1(0);
	if (!clients || epoll_fd < 0 || gnutls_certificate_allocate_credentials(&credentials))
		die("no memory");
	for (unsigned i = 0; i < want.connections; i++)
		client_begin(&clients[i]);
	plan_begin(&plan, want.seconds);
	pump();
	run();
	plan_print(&plan, want.connections, bytes);
	return plan.failed || plan.unanswered || !plan.done;
}
