/* SPDX-License-Identifier: MIT */
/* Calls over HTTP/2, framed by nghttp2. */
#include "http/rpc_client.h"

#include <nghttp2/nghttp2.h>
#include <string.h>

#include "codec/base64.h"
#include "http/grpc_frame.h"

enum { CHUNK = 16 * 1024, WINDOW = 1 << 20, LARGEST_MESSAGE = 64 << 20 };

struct rpc_client {
	struct dial *dial;
	struct arena *arena;
	struct str authority;
	nghttp2_session *session;

	/* Of the call under way. */
	struct rpc_call *call;
	struct grpc_reader reader;
	struct buf out; /* framed, from `sent` on to be sent */
	size_t sent;
	int http_status;
	bool over, has_code, is_enough;
};

static struct str text_of(const uint8_t *at, size_t len)
{
	return (struct str){ (const char *)at, len };
}

/* ── What comes ── */

/* grpc-message: percent-encoded; what is not an escape stands for itself. */
static struct str decode_message(struct arena *arena, struct str text)
{
	owned(buf_free) struct buf plain = buf_of(text.len + 1);

	for (size_t i = 0; i < text.len; i++) {
		int high = text.at[i] == '%' && i + 2 < text.len ? char_hex(text.at[i + 1]) : -1;
		int low = high >= 0 ? char_hex(text.at[i + 2]) : -1;
		buf_add_char(&plain, (char)(low >= 0 ? high << 4 | low : text.at[i]));
		i += low >= 0 ? 2 : 0;
	}
	return arena_copy(arena, buf_str(&plain));
}

static struct str decode_details(struct arena *arena, struct str text)
{
	owned(buf_free) struct buf bytes = buf_of(text.len + 1);
	return base64_decode(&bytes, text) ? arena_copy(arena, buf_str(&bytes)) : STR_ABSENT;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name_at, size_t name_len,
		     const uint8_t *value_at, size_t value_len, uint8_t flags, void *arg)
{
	struct rpc_client *client = arg;
	struct str name = text_of(name_at, name_len), value = text_of(value_at, value_len);
	int64_t number;
	(void)session, (void)frame, (void)flags;

	if (str_equal(name, STR(":status")) && str_to_int(value, 100, 599, &number)) {
		client->http_status = (int)number;
	} else if (str_equal(name, STR("grpc-status"))) {
		client->has_code = str_to_int(value, 0, N_GRPC_CODES - 1, &number);
		client->call->code = client->has_code ? (enum grpc_code)number : GRPC_UNKNOWN;
	} else if (str_equal(name, STR("grpc-message"))) {
		client->call->said = decode_message(client->arena, value);
	} else if (str_equal(name, STR("grpc-status-details-bin"))) {
		client->call->details = decode_details(client->arena, value);
	}
	return 0;
}

static void give_up(struct rpc_client *client, int32_t id)
{
	client->is_enough = true;
	nghttp2_submit_rst_stream(client->session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *at, size_t len, void *arg)
{
	struct rpc_client *client = arg;
	struct str bytes = text_of(at, len);
	int outcome;
	(void)session, (void)flags;

	while (!client->is_enough && (outcome = grpc_reader_feed(&client->reader, &bytes)) != GRPC_READ_MORE) {
		if (outcome != GRPC_READ_WHOLE || client->reader.compressed) {
			client->call->said = STR("the answer is no message of gRPC, or too large a one");
			give_up(client, id);
		} else if (!client->call->received(client->call->arg, buf_str(&client->reader.message))) {
			give_up(client, id);
		} else {
			grpc_reader_next(&client->reader);
		}
	}
	return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t error, void *arg)
{
	(void)session, (void)id, (void)error;
	((struct rpc_client *)arg)->over = true;
	return 0;
}

/* ── What goes ── */

static nghttp2_ssize read_body(nghttp2_session *session, int32_t id, uint8_t *into, size_t size, uint32_t *flags,
			       nghttp2_data_source *source, void *arg)
{
	struct rpc_client *client = arg;
	struct str rest = str_skip(buf_str(&client->out), client->sent);
	size_t n = rest.len < size ? rest.len : size;
	(void)session, (void)id, (void)source;

	if (n)
		memcpy(into, rest.at, n);
	client->sent += n;
	if (client->sent == client->out.len)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (nghttp2_ssize)n;
}

static nghttp2_nv field(struct str name, struct str value)
{
	return (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name.at,
			     .value = (uint8_t *)(uintptr_t)value.at,
			     .namelen = name.len,
			     .valuelen = value.len };
}

static bool submit(struct rpc_client *client)
{
	const struct rpc_call *call = client->call;
	nghttp2_data_provider2 body = { .read_callback = read_body };
	nghttp2_nv fields[8];
	size_t n = 0;

	fields[n++] = field(STR(":method"), STR("POST"));
	fields[n++] = field(STR(":scheme"), STR("https"));
	fields[n++] = field(STR(":authority"), client->authority);
	fields[n++] = field(STR(":path"), call->path);
	fields[n++] = field(STR("content-type"), STR("application/grpc"));
	fields[n++] = field(STR("te"), STR("trailers"));
	if (str_present(call->token))
		fields[n++] = field(STR("authorization"),
				    arena_concat(client->arena, (struct str[]){ STR("Bearer "), call->token }, 2));
	return nghttp2_submit_request2(client->session, NULL, fields, n, &body, NULL) > 0;
}

static void frame_messages(struct rpc_client *client)
{
	buf_clear(&client->out);
	for (size_t i = 0; i < client->call->messages.n; i++) {
		char head[GRPC_FRAME_HEAD];
		grpc_frame_head(head, 0, client->call->messages.items[i].len);
		buf_add(&client->out, (struct str){ head, sizeof(head) });
		buf_add(&client->out, client->call->messages.items[i]);
	}
	client->sent = 0;
}

/* ── The connection ── */

static bool flush(struct rpc_client *client)
{
	const uint8_t *bytes;
	nghttp2_ssize n;

	while ((n = nghttp2_session_mem_send2(client->session, &bytes)) > 0)
		if (!dial_write(client->dial, text_of(bytes, (size_t)n)))
			return false;
	return n == 0;
}

static bool converse(struct rpc_client *client)
{
	char chunk[CHUNK];

	while (!client->over) {
		if (!flush(client))
			return false;
		long n = client->is_enough ? 0 : dial_read(client->dial, chunk, sizeof(chunk));
		if (n <= 0)
			return client->is_enough;
		if (nghttp2_session_mem_recv2(client->session, (const uint8_t *)chunk, (size_t)n) < 0)
			return false;
	}
	return flush(client);
}

bool rpc_client_call(struct rpc_client *client, struct rpc_call *call, struct str *said)
{
	client->call = call;
	client->over = client->has_code = client->is_enough = false;
	client->http_status = 0;
	client->reader = grpc_reader_of(LARGEST_MESSAGE);
	call->code = GRPC_UNKNOWN;
	call->said = STR("");
	call->details = STR_ABSENT;
	frame_messages(client);
	*said = STR("the connection was lost");
	bool ended = !buf_failed(&client->out) && submit(client) && converse(client);
	if (ended && client->is_enough && !client->has_code && !call->said.len)
		call->code = GRPC_CANCELLED;
	if (ended && !client->is_enough && !client->has_code)
		call->said =
			arena_printf(client->arena, "the server answered in HTTP, with status %d", client->http_status);
	grpc_reader_free(&client->reader);
	return ended;
}

/* ── Clients ── */

static bool begin_session(struct rpc_client *client)
{
	const nghttp2_settings_entry settings[] = { { NGHTTP2_SETTINGS_ENABLE_PUSH, 0 },
						    { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW } };
	nghttp2_session_callbacks *callbacks;

	if (nghttp2_session_callbacks_new(&callbacks))
		return false;
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
	int error = nghttp2_session_client_new(&client->session, callbacks, client);
	nghttp2_session_callbacks_del(callbacks);
	return !error && !nghttp2_submit_settings(client->session, NGHTTP2_FLAG_NONE, settings, countof(settings)) &&
	       !nghttp2_session_set_local_window_size(client->session, NGHTTP2_FLAG_NONE, 0, WINDOW);
}

struct rpc_client *rpc_client_new(struct dial *dial, struct str authority, struct arena *arena)
{
	struct rpc_client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	*client = (struct rpc_client){
		.dial = dial, .arena = arena, .authority = authority, .out = buf_of(LARGEST_MESSAGE)
	};
	if (begin_session(client))
		return client;
	rpc_client_free(client);
	return NULL;
}

void rpc_client_free(struct rpc_client *client)
{
	if (!client)
		return;
	nghttp2_session_del(client->session);
	buf_free(&client->out);
	free(client);
}
