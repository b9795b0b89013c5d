/* SPDX-License-Identifier: MIT */
/* The registry: plain metrics in an array, labelled ones in hash tables of a fixed size. */
#include "obs/metrics.h"

#include <string.h>

#include "base/hash.h"
#include "obs/metrics_rpc.h"

/* Powers of two. Past three quarters full, what is new is counted under the label "other". */
enum { N_HISTOGRAM_SLOTS = 512, N_REQUEST_SLOTS = 2048 };

static int64_t values[N_METRICS];

static const struct plain_row {
	const char *name, *type, *help;
} plain_rows[N_METRICS] = {
#define COUNTER(name, exposed, help) [METRIC_##name] = { exposed, "counter", help },
#define GAUGE(name, exposed, help) [METRIC_##name] = { exposed, "gauge", help },
#include "obs/metrics.def"
#undef COUNTER
#undef GAUGE
};

/* Upper bounds of the buckets, log-linear (1, 2, 5 in each decade), and as Prometheus spells them in seconds. */
static const struct bound {
	int64_t us;
	const char *seconds;
} bounds[] = {
	{ 100, "0.0001" },  { 200, "0.0002" },	   { 500, "0.0005" }, { 1000, "0.001" }, { 2000, "0.002" },
	{ 5000, "0.005" },  { 10000, "0.01" },	   { 20000, "0.02" }, { 50000, "0.05" }, { 100000, "0.1" },
	{ 200000, "0.2" },  { 500000, "0.5" },	   { 1000000, "1" },  { 2000000, "2" },	 { 5000000, "5" },
	{ 10000000, "10" }, { INT64_MAX, "+Inf" },
};

struct histogram {
	const char *label; /* NULL: a free slot */
	uint64_t buckets[countof(bounds)];
	int64_t sum_us;
};

struct histograms {
	const char *name, *label, *help;
	size_t n;
	struct histogram other;
	struct histogram slots[N_HISTOGRAM_SLOTS];
};

static struct histograms routes = {
	.name = "recordd_http_request_duration_seconds",
	.label = "route",
	.help = "Time from a request's head to the end of its answer",
	.other = { .label = "other" },
};
static struct histograms statements = {
	.name = "recordd_db_query_duration_seconds",
	.label = "statement",
	.help = "Time from handing a query over to its result",
	.other = { .label = "other" },
};

struct request_row {
	const char *route, *method, *protocol; /* route NULL: a free slot */
	int status;
	uint64_t n;
};

static struct request_row request_slots[N_REQUEST_SLOTS];
static struct request_row other_requests = { "other", "OTHER", "other", 0, 0 };
static size_t n_request_rows;

void metric_add(enum metric metric, int64_t by)
{
	values[metric] += by;
}

void metric_set(enum metric metric, int64_t value)
{
	values[metric] = value;
}

int64_t metric_get(enum metric metric)
{
	return values[metric];
}

/* Labels are compared as text: the same literal in two files may be two pointers. */
static bool same(const char *a, const char *b)
{
	return a == b || strcmp(a, b) == 0;
}

static struct histogram *histogram_find(struct histograms *family, const char *label)
{
	size_t at = hash_str(str_of(label)) % N_HISTOGRAM_SLOTS;

	for (; family->slots[at].label; at = (at + 1) % N_HISTOGRAM_SLOTS)
		if (same(family->slots[at].label, label))
			return &family->slots[at];
	if (family->n >= N_HISTOGRAM_SLOTS / 4 * 3)
		return &family->other;
	family->n++;
	family->slots[at].label = label;
	return &family->slots[at];
}

static void observe(struct histograms *family, const char *label, int64_t us)
{
	struct histogram *row = histogram_find(family, label);
	size_t bucket = 0;

	while (us > bounds[bucket].us)
		bucket++;
	row->buckets[bucket]++;
	row->sum_us += us;
}

/* Methods come from strangers: only the known ones may become labels. */
static const char *method_label(struct str method)
{
	static const char *const known[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };

	for (size_t i = 0; i < countof(known); i++)
		if (str_equal(method, str_of(known[i])))
			return known[i];
	return "OTHER";
}

static struct request_row *request_find(const struct request_row *key)
{
	size_t at = (hash_str(str_of(key->route)) + (size_t)key->status * 31) % N_REQUEST_SLOTS;

	for (; request_slots[at].route; at = (at + 1) % N_REQUEST_SLOTS) {
		struct request_row *row = &request_slots[at];
		if (row->status == key->status && same(row->method, key->method) &&
		    same(row->protocol, key->protocol) && same(row->route, key->route))
			return row;
	}
	if (n_request_rows >= N_REQUEST_SLOTS / 4 * 3)
		return &other_requests;
	n_request_rows++;
	request_slots[at] = *key;
	return &request_slots[at];
}

void metrics_request(const char *route, struct str method, int status, const char *protocol, int64_t us)
{
	struct request_row key = { route, method_label(method), protocol, status, 0 };

	request_find(&key)->n++;
	observe(&routes, route, us);
}

void metrics_query(const char *statement, int64_t us)
{
	observe(&statements, statement, us);
}

static void render_head(struct buf *to, const char *name, const char *type, const char *help)
{
	buf_printf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void render_histogram(struct buf *to, const struct histograms *family, const struct histogram *row)
{
	uint64_t n = 0;

	for (size_t i = 0; i < countof(bounds); i++) {
		n += row->buckets[i];
		buf_printf(to, "%s_bucket{%s=\"%s\",le=\"%s\"} %llu\n", family->name, family->label, row->label,
			   bounds[i].seconds, (unsigned long long)n);
	}
	buf_printf(to, "%s_sum{%s=\"%s\"} %lld.%06lld\n", family->name, family->label, row->label,
		   (long long)(row->sum_us / 1000000), (long long)(row->sum_us % 1000000));
	buf_printf(to, "%s_count{%s=\"%s\"} %llu\n", family->name, family->label, row->label, (unsigned long long)n);
}

static void render_histograms(struct buf *to, const struct histograms *family)
{
	render_head(to, family->name, "histogram", family->help);
	for (size_t i = 0; i < N_HISTOGRAM_SLOTS; i++)
		if (family->slots[i].label)
			render_histogram(to, family, &family->slots[i]);
	if (family->n >= N_HISTOGRAM_SLOTS / 4 * 3)
		render_histogram(to, family, &family->other);
}

static void render_request(struct buf *to, const struct request_row *row)
{
	buf_printf(to, "recordd_http_requests_total{route=\"%s\",method=\"%s\",status=\"%d\",protocol=\"%s\"} %llu\n",
		   row->route, row->method, row->status, row->protocol, (unsigned long long)row->n);
}

static void render_requests(struct buf *to)
{
	render_head(to, "recordd_http_requests_total", "counter", "Requests answered");
	for (size_t i = 0; i < N_REQUEST_SLOTS; i++)
		if (request_slots[i].route)
			render_request(to, &request_slots[i]);
	if (other_requests.n)
		render_request(to, &other_requests);
}

/* A row may be one of a family, told by a label that is part of its name. */
static struct str family_of(const struct plain_row *row)
{
	struct str label;
	return str_cut(str_of(row->name), '{', &label);
}

static void render_plain(struct buf *to)
{
	struct str before = STR("");

	for (size_t i = 0; i < N_METRICS; i++) {
		const struct plain_row *row = &plain_rows[i];
		struct str family = family_of(row);
		if (!str_equal(family, before))
			buf_printf(to, "# HELP %.*s %s\n# TYPE %.*s %s\n", STR_ARG(family), row->help, STR_ARG(family),
				   row->type);
		buf_printf(to, "%s %lld\n", row->name, (long long)values[i]);
		before = family;
	}
}

void metrics_render(struct buf *to)
{
	render_plain(to);
	render_requests(to);
	render_histograms(to, &routes);
	render_histograms(to, &statements);
	metrics_rpc_render(to);
}
