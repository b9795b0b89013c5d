/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a client of a TLS session: either as they are (the corpus has the first flights of real clients), or as
 * changes to what a real client sends, so that its certificate and its Finished are reached too.
 */
#include <stdlib.h>

#include "../support/tls_talk.h"
#include "obs/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RAW = 1, STRICT = 2, OLD = 4, PATCH_BYTES = 3 };

struct fixture {
	struct tls_context *usual, *strict;
	struct talk_badge badge;
};

static void files_remove(const struct cert_files *files, const char *ca, char *dir)
{
	const char *paths[] = { files->ca_cert, files->ca_key, files->cert, files->key, ca };
	for (size_t i = 0; i < countof(paths); i++)
		remove(paths[i]);
	char tls_dir[64];
	snprintf(tls_dir, sizeof(tls_dir), "%s/tls", dir);
	remove(tls_dir);
	remove(dir);
}

static struct fixture *fixture_once(void)
{
	static struct fixture fixture;
	if (fixture.usual)
		return &fixture;
	struct arena *arena = arena_new(1 << 20);
	struct str said = STR("");
	char dir[] = "/tmp/fuzz_tls.XXXXXX", ca[64];
	log_setup(LOG_FORMAT_JSON, LOG_LEVEL_ERROR);
	check(mkdtemp(dir) && psa_crypto_init() == 0);
	check(cert_init(dir, (struct str_list){ 0 }, arena, &said) == 0);
	check(talk_badge_make(&fixture.badge, "O=Shop,CN=till 1"));
	snprintf(ca, sizeof(ca), "%s/clients.pem", dir);
	check(file_replace(ca, str_of(fixture.badge.pem), 0644) == 0);
	struct cert_files files = cert_files_in(dir, arena);
	struct tls_settings settings = { .pairs = { { files.cert, files.key }, { files.cert, files.key } },
					 .n_pairs = 2 };
	check(tls_context_new(&settings, arena, &fixture.usual, &said) == 0);
	settings.client_ca = ca;
	settings.client_required = true;
	check(tls_context_new(&settings, arena, &fixture.strict, &said) == 0);
	files_remove(&files, ca, dir);
	arena_free(arena);
	return &fixture;
}

/* In pieces of `piece` bytes. Whether the session has not failed. */
static bool feed(struct tls_session *session, struct str bytes, size_t piece)
{
	enum tls_progress progress = TLS_HUNGRY;
	while (bytes.len && progress == TLS_HUNGRY) {
		struct str some = str_first(bytes, piece);
		size_t before = some.len;
		progress = tls_session_handshake(session, &some);
		check(progress != TLS_HUNGRY || some.len < before);
		bytes = str_skip(bytes, before - some.len);
	}
	check(progress != TLS_DONE); /* nobody can say Finished without having heard us */
	return progress == TLS_HUNGRY;
}

static void raw(struct tls_context *tls, struct str bytes, size_t piece)
{
	char why[320];
	struct buf wire = buf_of(TALK_BUFFER);
	struct tls_session *session = tls_session_new(tls, &wire);
	check(session);
	bool alive = feed(session, bytes, piece);
	tls_session_rest(session);
	check(alive || tls_session_failure(session, why, sizeof(why)).len > 0);
	check(!str_present(tls_session_client_subject(session)));
	tls_session_farewell(session);
	tls_session_free(session);
	buf_free(&wire);
}

/* Each patch: where in all the client has sent (2 bytes), and what to change there by (1 byte). */
static void patch(struct talk *talk, size_t sent_before, struct str patches)
{
	for (; patches.len >= PATCH_BYTES; patches = str_skip(patches, PATCH_BYTES)) {
		size_t at = (size_t)(unsigned char)patches.at[0] << 8 | (unsigned char)patches.at[1];
		if (at >= sent_before && at - sent_before < talk->to_server.len)
			talk->to_server.at[at - sent_before] ^= patches.at[2];
	}
}

static void patched(struct tls_context *tls, struct talk_badge *badge, bool old, struct str patches)
{
	struct talk talk;
	size_t sent = 0;
	int result = MBEDTLS_ERR_SSL_WANT_READ;
	talk_init(&talk, old ? MBEDTLS_SSL_VERSION_TLS1_2 : MBEDTLS_SSL_VERSION_TLS1_3, badge);
	talk_begin(&talk, tls);
	talk.progress = TLS_HUNGRY;
	for (int i = 0; i < 8 && result == MBEDTLS_ERR_SSL_WANT_READ && talk.progress == TLS_HUNGRY; i++) {
		result = mbedtls_ssl_handshake(&talk.client);
		size_t n = talk.to_server.len;
		patch(&talk, sent, patches);
		sent += n;
		(void)talk_serve(&talk);
	}
	talk_drop(&talk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fixture *fixture = fixture_once();
	if (size < 2)
		return 0;
	struct tls_context *tls = data[0] & STRICT ? fixture->strict : fixture->usual;
	struct str rest = { (const char *)data + 2, size - 2 };
	if (data[0] & RAW)
		raw(tls, rest, data[1] ? data[1] : SIZE_MAX);
	else
		patched(tls, data[0] & STRICT ? &fixture->badge : NULL, data[0] & OLD, rest);
	return 0;
}
