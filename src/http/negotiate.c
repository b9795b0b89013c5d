/* SPDX-License-Identifier: MIT */
/* Content codings by Accept-Encoding (RFC 9110 §12.5.3), and lists of entity tags. */
#include "http/negotiate.h"

#include "codec/compress.h"
#include "http/header.h"

enum { Q_ONE = 1000, ALL_CODINGS = 1 << CACHE_GZIP | 1 << CACHE_BROTLI | 1 << CACHE_ZSTD };

static const struct str names[N_CACHE_CODINGS] = {
	[CACHE_GZIP] = STR("gzip"),
	[CACHE_BROTLI] = STR("br"),
	[CACHE_ZSTD] = STR("zstd"),
};

struct str coding_name(enum cache_coding coding)
{
	return names[coding];
}

bool coding_fits(struct str content_type)
{
	static const struct str exact[] = { STR("application/json"),	   STR("application/problem+json"),
					    STR("application/javascript"), STR("application/manifest+json"),
					    STR("application/xml"),	   STR("image/svg+xml"),
					    STR("application/wasm") };
	struct str parameters, type;

	if (!str_present(content_type))
		return false;
	type = str_trim(str_cut(content_type, ';', &parameters));
	if (str_equal(type, STR("text/event-stream")))
		return false;
	for (size_t i = 0; i < countof(exact); i++)
		if (str_equal(type, exact[i]))
			return true;
	return str_starts(type, STR("text/"));
}

/* "0", "1", "0.5", "1.000" as thousandths; what is none of these counts as refused. */
static unsigned parse_q(struct str text)
{
	struct str fraction, whole = str_cut(text, '.', &fraction);
	int64_t q;
	unsigned thousandths = 0, unit = 100;

	if (!str_to_int(whole, 0, 1, &q) || fraction.len > 3)
		return 0;
	for (size_t i = 0; i < fraction.len; i++, unit /= 10) {
		if (!char_is_digit(fraction.at[i]))
			return 0;
		thousandths += unit * (unsigned)(fraction.at[i] - '0');
	}
	return q ? Q_ONE : thousandths;
}

static unsigned q_of(struct str parameters)
{
	while (str_present(parameters)) {
		struct str value, parameter = str_cut(parameters, ';', &parameters);
		struct str name = str_trim(str_cut(parameter, '=', &value));
		if (str_equal_nocase(name, STR("q")) && str_present(value))
			return parse_q(str_trim(value));
	}
	return Q_ONE;
}

/* Sets the q of each coding that is named; "*" speaks for those that are not. */
static void read_accepted(struct str accept, unsigned q[N_CACHE_CODINGS])
{
	bool named[N_CACHE_CODINGS] = { false };
	unsigned others = 0;
	struct str element;

	while (header_list_next(&accept, &element)) {
		struct str parameters, name = str_trim(str_cut(element, ';', &parameters));
		if (str_equal(name, STR("*")))
			others = q_of(parameters);
		for (int i = CACHE_GZIP; i < N_CACHE_CODINGS; i++) {
			if (!str_equal_nocase(name, names[i]))
				continue;
			q[i] = q_of(parameters);
			named[i] = true;
		}
	}
	for (int i = CACHE_GZIP; i < N_CACHE_CODINGS; i++)
		if (!named[i])
			q[i] = others;
}

enum cache_coding coding_choose_of(struct str accept_encoding, unsigned offered)
{
	static const enum cache_coding preferred[] = { CACHE_ZSTD, CACHE_BROTLI, CACHE_GZIP };
	unsigned q[N_CACHE_CODINGS] = { 0 }, best_q = 0;
	enum cache_coding best = CACHE_IDENTITY;

	if (!str_present(accept_encoding))
		return CACHE_IDENTITY;
	read_accepted(accept_encoding, q);
	for (size_t i = 0; i < countof(preferred); i++) {
		if (!(offered & 1u << preferred[i]) || q[preferred[i]] <= best_q)
			continue;
		best = preferred[i];
		best_q = q[best];
	}
	return best;
}

enum cache_coding coding_choose(struct str accept_encoding, struct str content_type, size_t len)
{
	if (len < CODING_MIN_LENGTH || !coding_fits(content_type))
		return CACHE_IDENTITY;
	return coding_choose_of(accept_encoding, ALL_CODINGS);
}

struct blob *coding_encode(enum cache_coding coding, struct str body)
{
	static const enum compress_coding codings[] = {
		[CACHE_GZIP] = COMPRESS_GZIP, [CACHE_BROTLI] = COMPRESS_BROTLI, [CACHE_ZSTD] = COMPRESS_ZSTD
	};
	check(coding != CACHE_IDENTITY);
	return compress_blob(codings[coding], COMPRESS_FAST, body);
}

static struct str opaque_of(struct str etag)
{
	return str_starts(etag, STR("W/")) ? str_skip(etag, 2) : etag;
}

bool etag_listed(struct str list, struct str etag)
{
	struct str element;
	if (!str_present(list))
		return false;
	if (str_equal(str_trim(list), STR("*")))
		return true;
	while (header_list_next(&list, &element))
		if (str_equal(opaque_of(element), opaque_of(etag)))
			return true;
	return false;
}
