/* SPDX-License-Identifier: MIT */
/* From what arrived to what a handler reads: header rows, target, authority, ids, the client's address. */
#include "codec/url.h"
#include "base/hash.h"
#include "http/grpc_inside.h"

enum { MAX_PARAMS = 64, MAX_ID = 128, ID_DIGITS = 16, TRACEPARENT = 55 };

/* ── What handlers ask ── */

struct str request_header(const struct request *request, struct str name)
{
	return headers_find(&request->headers, name);
}

struct str request_param(const struct request *request, struct str name)
{
	for (size_t i = 0; i < request->n_params; i++)
		if (str_equal(request->params[i].name, name))
			return request->params[i].value;
	return STR_ABSENT;
}

struct str request_path_for_log(const struct request *request)
{
	static const struct str secret[] = { STR("/s/"), STR("/api/shared/"), STR("/covers/") };
	const struct route *route = request->route;

	if (route)
		return route->flags & ROUTE_SECRET_PATH ? route->path : request->path;
	for (size_t i = 0; i < countof(secret); i++)
		if (str_starts(request->path, secret[i]))
			return secret[i];
	return request->path;
}

static struct str cookie_in(struct str header, struct str name)
{
	while (str_present(header)) {
		struct str value, pair = str_trim(str_cut(header, ';', &header));
		if (str_equal(str_cut(pair, '=', &value), name) && str_present(value))
			return value;
	}
	return STR_ABSENT;
}

/* HTTP/2 may send each cookie in a field of its own. */
struct str request_cookie(const struct request *request, struct str name)
{
	for (size_t i = 0; i < request->headers.n; i++) {
		const struct http_header *header = &request->headers.items[i];
		struct str value = str_equal(header->name, STR("cookie")) ? cookie_in(header->value, name) : STR_ABSENT;
		if (str_present(value))
			return value;
	}
	return STR_ABSENT;
}

bool request_is_of_other_site(const struct request *request)
{
	struct str site = request_header(request, STR("sec-fetch-site"));
	struct str origin = request_header(request, STR("origin"));
	struct str scheme = request->secure ? STR("https://") : STR("http://");

	if (str_present(site))
		return !str_equal(site, STR("same-origin")) && !str_equal(site, STR("none"));
	return str_present(origin) && !(str_starts(origin, scheme) && str_present(request->authority) &&
					str_equal_nocase(str_skip(origin, scheme.len), request->authority));
}

static const struct str method_names[] = {
	[HTTP_GET] = STR("GET"),	 [HTTP_HEAD] = STR("HEAD"),   [HTTP_POST] = STR("POST"),
	[HTTP_PUT] = STR("PUT"),	 [HTTP_PATCH] = STR("PATCH"), [HTTP_DELETE] = STR("DELETE"),
	[HTTP_OPTIONS] = STR("OPTIONS"), [HTTP_OTHER] = STR("OTHER"),
};

enum http_method http_method_of(struct str text)
{
	for (size_t i = 0; i < HTTP_OTHER; i++)
		if (str_equal(method_names[i], text))
			return (enum http_method)i;
	return HTTP_OTHER;
}

struct str http_method_name(enum http_method method)
{
	return method_names[method];
}

/* ── Header rows ── */

/* Who asks is never told by the client; one name of the three may be believed while debugging. */
static bool is_identity_claim(struct str name)
{
	return str_equal(name, STR("x-user-id")) || str_equal(name, STR("x-user-email")) ||
	       str_equal(name, STR("x-user-jti"));
}

static void believe(struct exchange *exchange, struct str name, struct str value)
{
	if (exchange->server->settings.debug_fake_auth && str_equal(name, STR("x-user-id")))
		exchange->believes = uuid_parse(value, &exchange->believed_user);
}

bool exchange_add_header(struct exchange *exchange, struct str name, struct str value)
{
	const struct h1_limits *limits = &exchange->server->settings.head;
	struct http_headers *headers = &exchange->request.headers;

	exchange->head_bytes += name.len + value.len + 2;
	if (exchange->head_bytes > limits->head_bytes || headers->n >= limits->headers)
		return false;
	if (is_identity_claim(name)) {
		believe(exchange, name, value);
		return true;
	}
	struct str both = arena_concat(exchange->arena, (struct str[]){ name, value }, 2);
	return str_present(both) &&
	       headers_add(headers, exchange->arena, str_first(both, name.len), str_skip(both, name.len));
}

/* ── The target ── */

static const struct problem *bad(struct exchange *exchange, struct str error)
{
	return problem_new(exchange->arena, PROBLEM_BAD_REQUEST, error);
}

/*
 * "http://host/path" is allowed in any request of HTTP/1; its authority wins over Host. HTTP/2 and 3 have :authority for
 * that, and a :path under a scheme of the client's own making must not overrule it.
 */
static struct str without_origin(struct request *request)
{
	struct str target = request->target;
	size_t scheme = str_starts(target, STR("https://")) ? 8 : str_starts(target, STR("http://")) ? 7 : 0;
	if (!scheme || request->protocol >= HTTP_2)
		return target;
	struct str rest = str_skip(target, scheme);
	size_t slash = str_find_char(rest, '/');
	request->authority = str_first(rest, slash);
	return slash < rest.len ? str_skip(rest, slash) : STR("/");
}

static bool parse_params(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	struct http_param found[MAX_PARAMS];
	struct str query = request->query;
	size_t n = 0;

	for (struct http_param param;; found[n++] = param) {
		int outcome = url_param_next(exchange->arena, &query, &param.name, &param.value);
		if (outcome == URL_END)
			break;
		if (outcome != URL_OK || n == MAX_PARAMS)
			return false;
	}
	if (n == 0)
		return true;
	request->params = arena_array(exchange->arena, n, sizeof(*found));
	if (!request->params)
		return false;
	for (request->n_params = 0; request->n_params < n; request->n_params++)
		request->params[request->n_params] = found[request->n_params];
	return true;
}

static const struct problem *parse_target(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	struct str path = str_cut(without_origin(request), '?', &request->query);

	if (request->target.len > exchange->server->settings.target_bytes)
		return problem_new(exchange->arena, PROBLEM_HEADERS_TOO_LARGE, STR("request target too long"));
	if (request->method == HTTP_OPTIONS && str_equal(path, STR("*"))) {
		request->path = path;
		return NULL;
	}
	if (!str_starts(path, STR("/")) || str_find_char(request->target, '#') < request->target.len)
		return bad(exchange, STR("malformed request target"));
	if (url_path(exchange->arena, path, &request->path) != 0)
		return bad(exchange, STR("malformed path"));
	if (!parse_params(exchange))
		return bad(exchange, STR("malformed query"));
	return NULL;
}

/* ── The authority ── */

/* A gRPC client that balances over several addresses lists them all there, which no one reads. */
static bool is_authority_char(const struct request *request, char c)
{
	if (c == ',' || c == '%')
		return grpc_asked(request);
	return char_is_alpha(c) || char_is_digit(c) || c == '.' || c == '-' || c == '_' || c == ':' || c == '[' ||
	       c == ']';
}

/* HTTP/2 and 3 may say it twice; which of the two is meant must not be anybody's guess (RFC 9113 section 8.3.1). */
static bool hosts_agree(const struct request *request)
{
	if (request->protocol < HTTP_2)
		return true;
	for (size_t i = 0; i < request->headers.n; i++) {
		const struct http_header *header = &request->headers.items[i];
		if (str_equal(header->name, STR("host")) && !str_equal_nocase(header->value, request->authority))
			return false;
	}
	return true;
}

static const struct problem *check_authority(struct exchange *exchange)
{
	struct request *request = &exchange->request;

	if (!str_present(request->authority))
		request->authority = request_header(request, STR("host"));
	if (!str_present(request->authority))
		return request->protocol == HTTP_1_0 ? NULL : bad(exchange, STR("no host"));
	if (!hosts_agree(request))
		return bad(exchange, STR("host and :authority differ"));
	char *lower = arena_alloc(exchange->arena, request->authority.len + 1);
	if (!lower)
		return problem_new(exchange->arena, PROBLEM_INTERNAL, STR_ABSENT);
	for (size_t i = 0; i < request->authority.len; i++) {
		lower[i] = char_lower(request->authority.at[i]);
		if (!is_authority_char(request, lower[i]))
			return bad(exchange, STR("malformed host"));
	}
	request->authority.at = lower;
	return NULL;
}

/* ── Ids ── */

static bool is_sane_id(struct str id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!char_is_alpha(id.at[i]) && !char_is_digit(id.at[i]) && id.at[i] != '-' && id.at[i] != '_' &&
		    id.at[i] != '.')
			return false;
	return id.len > 0 && id.len <= MAX_ID;
}

/* A keyed hash of a counter: unique within the process, not to be guessed, and no call to the kernel. */
static struct str issue_id(struct arena *arena)
{
	static uint64_t counter;
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(arena, ID_DIGITS + 1);
	if (!text)
		return STR("0");
	counter++;
	uint64_t id = hash_str((struct str){ (const char *)&counter, sizeof(counter) });
	for (size_t i = 0; i < ID_DIGITS; i++, id >>= 4)
		text[i] = digits[id & 15];
	return (struct str){ text, ID_DIGITS };
}

static bool is_hex(struct str s)
{
	bool any = false;
	for (size_t i = 0; i < s.len; i++) {
		if (!char_is_digit(s.at[i]) && !(s.at[i] >= 'a' && s.at[i] <= 'f'))
			return false;
		any |= s.at[i] != '0';
	}
	return any;
}

/* W3C Trace Context, version 00: "00-<32 hex>-<16 hex>-<2 hex>", neither id all zero. */
static bool is_traceparent(struct str s)
{
	return s.len == TRACEPARENT && str_starts(s, STR("00-")) && s.at[35] == '-' && s.at[52] == '-' &&
	       is_hex(str_first(str_skip(s, 3), 32)) && is_hex(str_first(str_skip(s, 36), 16)) &&
	       char_hex(s.at[53]) >= 0 && char_hex(s.at[54]) >= 0;
}

void request_take_ids(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	struct str id = request_header(request, STR("x-request-id"));
	struct str trace = request_header(request, STR("traceparent"));

	request->id = is_sane_id(id) ? id : issue_id(exchange->arena);
	request->traceparent = is_traceparent(trace) ? trace : STR_ABSENT;
}

/* ── The client's address ── */

/* All values of a list header as one: some proxies add a line of their own instead of lengthening the last. */
static struct str joined(const struct exchange *exchange, struct str name)
{
	const struct http_headers *headers = &exchange->request.headers;
	struct str all = STR_ABSENT;
	for (size_t i = 0; i < headers->n; i++) {
		struct str value = headers->items[i].value;
		if (!str_equal(headers->items[i].name, name))
			continue;
		all = str_present(all) ? arena_concat(exchange->arena, (struct str[]){ all, STR(","), value }, 3)
				       : value;
	}
	return all;
}

/*
 * X-Forwarded-For is read from its end: each hop that is a trusted proxy vouches for the one before. The first that
 * is none is the client. Nobody else's word counts; and a forwarded request never passes for a local one.
 */
static void find_peer(struct exchange *exchange)
{
	const struct http_server *server = exchange->server;
	struct request *request = &exchange->request;
	struct str hops = joined(exchange, STR("x-forwarded-for"));
	struct str forwarded = request_header(request, STR("forwarded"));

	if (!str_present(hops) && !str_present(forwarded))
		return;
	struct str peer = request->peer;
	while (hops.len && networks_hold(server->trusted, server->n_trusted, peer)) {
		size_t comma = hops.len;
		while (comma && hops.at[comma - 1] != ',')
			comma--;
		struct str hop = address_bare(str_trim(str_skip(hops, comma)));
		if (!str_present(hop))
			break;
		peer = hop;
		hops = str_first(hops, comma ? comma - 1 : 0);
	}
	request->loopback = false;
	request->peer = peer;
}

const struct problem *request_prepare(struct exchange *exchange)
{
	request_take_ids(exchange);
	find_peer(exchange);
	const struct problem *problem = parse_target(exchange);
	return problem ? problem : check_authority(exchange);
}
