/* SPDX-License-Identifier: MIT */
/* Session tickets and their keys, and whom a client is taken for, with a client in memory. */
#include "../support/cert_fixture.h"
#include "../support/tls_talk.h"
#include "net/tickets.h"
#include "obs/metrics.h"

enum { PERIOD_S = 100, TICKET_ROOM = 4096 };

static const mbedtls_ssl_protocol_version versions[] = { MBEDTLS_SSL_VERSION_TLS1_2, MBEDTLS_SSL_VERSION_TLS1_3 };

static struct talk_badge badge;

/* A context that takes the badge for its client's certificate. */
static struct tls_context *context_of(struct fixture *fixture, bool required)
{
	struct tls_context *tls = NULL;
	struct str said = STR_ABSENT;
	char ca[80];
	snprintf(ca, sizeof(ca), "%s/clients.pem", fixture->dir);
	init(fixture, nothing_extra);
	assert_int_equal(file_replace(ca, str_of(badge.pem), 0644), 0);
	struct tls_settings settings = { .pairs = { { fixture->files.cert, fixture->files.key } },
					 .n_pairs = 1,
					 .client_ca = ca,
					 .client_required = required };
	if (tls_context_new(&settings, fixture->arena, &tls, &said))
		fail_msg("%.*s", STR_ARG(said));
	return tls;
}

/* ── Tickets ── */

struct sealer {
	struct tickets tickets;
	mbedtls_ssl_session session;
	unsigned char ticket[TICKET_ROOM];
	size_t len;
};

/* A session to be sealed, from a handshake. */
static void sealer_init(struct sealer *sealer, struct fixture *fixture)
{
	struct tls_context *tls = context_of(fixture, false);
	struct talk talk;
	tickets_init(&sealer->tickets, PERIOD_S);
	mbedtls_ssl_session_init(&sealer->session);
	talk_init(&talk, MBEDTLS_SSL_VERSION_TLS1_2, NULL);
	talk_begin(&talk, tls);
	assert_true(talk_shake(&talk));
	assert_true(talk_session(&talk, &sealer->session));
	talk_drop(&talk);
	tls_context_free(tls);
}

static void sealer_drop(struct sealer *sealer)
{
	tickets_free(&sealer->tickets);
	mbedtls_ssl_session_free(&sealer->session);
}

static void seal(struct sealer *sealer, int64_t now_s, const char *subject)
{
	const struct ticket_claim claim = { str_of(subject), INT64_MAX };
	assert_int_equal(tickets_seal(&sealer->tickets, now_s, &sealer->session, &claim, sealer->ticket,
				      sealer->ticket + TICKET_ROOM, &sealer->len),
			 0);
}

/* Opens a copy: what came of it, and the subject. */
static int opens(struct sealer *sealer, int64_t now_s, char subject[64])
{
	unsigned char copy[TICKET_ROOM];
	mbedtls_ssl_session session;
	struct ticket_claim claim = { STR_ABSENT, 0 };
	memcpy(copy, sealer->ticket, sealer->len);
	mbedtls_ssl_session_init(&session);
	int error = tickets_open(&sealer->tickets, now_s, copy, sealer->len, &session, &claim);
	snprintf(subject, 64, "%.*s", STR_ARG(claim.subject));
	if (!error)
		assert_memory_equal(mbedtls_ssl_session_get_id(&session), mbedtls_ssl_session_get_id(&sealer->session),
				    mbedtls_ssl_session_get_id_len(&session));
	mbedtls_ssl_session_free(&session);
	return error;
}

static void tickets_would_not_be_good_for_their_period(void **state)
{
	owned(sealer_drop) struct sealer sealer;
	char who[64];
	sealer_init(&sealer, *state);
	seal(&sealer, 1000, "CN=first");
	assert_int_equal(opens(&sealer, 1000, who), 0);
	assert_string_equal(who, "CN=first");
	/* Sealed at the end of its key's period: the next key is there, and this one still opens. */
	seal(&sealer, 1000 + PERIOD_S - 1, "CN=second");
	assert_int_equal(opens(&sealer, 1000 + 2 * PERIOD_S - 2, who), 0);
	assert_string_equal(who, "CN=second");
	assert_int_equal(opens(&sealer, 1000 + 2 * PERIOD_S - 1, who), MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED);
}

static void keys_would_never_be_forgotten(void **state)
{
	owned(sealer_drop) struct sealer sealer;
	char who[64];
	unsigned char names[4][TICKET_NAME_BYTES];
	sealer_init(&sealer, *state);
	for (int i = 0; i < 4; i++) {
		seal(&sealer, i * PERIOD_S, "");
		memcpy(names[i], sealer.ticket, TICKET_NAME_BYTES);
		assert_true(i == 0 || memcmp(names[i], names[i - 1], TICKET_NAME_BYTES) != 0);
	}
	seal(&sealer, 3 * PERIOD_S + 1, "");
	assert_memory_equal(sealer.ticket, names[3], TICKET_NAME_BYTES);
	/* Nobody came for long: the key is not there any more, although no other has taken its place. */
	assert_int_equal(opens(&sealer, 5 * PERIOD_S, who), MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED);
	for (size_t i = 0; i < TICKET_N_KEYS; i++)
		assert_false(sealer.tickets.keys[i].usable);
}

static void forged_tickets_would_be_believed(void **state)
{
	owned(sealer_drop) struct sealer sealer;
	char who[64];
	sealer_init(&sealer, *state);
	seal(&sealer, 1, "CN=first");
	for (size_t i = 0; i < sealer.len; i++) {
		sealer.ticket[i] ^= 1;
		int error = opens(&sealer, 1, who);
		assert_int_equal(error, i < TICKET_NAME_BYTES ? MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED
							      : MBEDTLS_ERR_SSL_INVALID_MAC);
		sealer.ticket[i] ^= 1;
	}
	for (size_t whole = sealer.len; sealer.len > 0;) {
		sealer.len--;
		assert_int_not_equal(opens(&sealer, 1, who), 0);
		assert_true(sealer.len < whole);
	}
}

static void tickets_would_overflow_their_room(void **state)
{
	owned(sealer_drop) struct sealer sealer;
	const struct ticket_claim claim = { STR("CN=first"), INT64_MAX };
	size_t len;
	sealer_init(&sealer, *state);
	seal(&sealer, 1, "CN=first");
	for (size_t room = 0; room < sealer.len; room++) {
		unsigned char *at = malloc(room ? room : 1);
		assert_int_not_equal(
			tickets_seal(&sealer.tickets, 1, &sealer.session, &claim, at, at + room, &len), 0);
		free(at);
	}
}

/* ── Whom the client is taken for ── */

static bool resumes(struct tls_context *tls, mbedtls_ssl_protocol_version version, struct talk_badge *with,
		    mbedtls_ssl_session *from, mbedtls_ssl_session *to, struct str wanted)
{
	struct talk talk;
	talk_init(&talk, version, with);
	talk_begin(&talk, tls);
	if (from)
		assert_int_equal(mbedtls_ssl_set_session(&talk.client, from), 0);
	int64_t before = metric_get(METRIC_TLS12_RESUMED) + metric_get(METRIC_TLS13_RESUMED);
	bool shaken = talk_shake(&talk);
	if (shaken && to)
		assert_true(talk_session(&talk, to));
	if (shaken)
		assert_true(str_equal(tls_session_client_subject(talk.server), wanted));
	talk_drop(&talk);
	return shaken && metric_get(METRIC_TLS12_RESUMED) + metric_get(METRIC_TLS13_RESUMED) > before;
}

static void resumption_would_forget_the_client(void **state)
{
	struct tls_context *tls = context_of(*state, true);
	for (size_t i = 0; i < countof(versions); i++) {
		mbedtls_ssl_session first, second;
		mbedtls_ssl_session_init(&first);
		mbedtls_ssl_session_init(&second);
		assert_false(resumes(tls, versions[i], &badge, NULL, &first, STR("O=Shop, CN=till 1")));
		/* Without the badge: the ticket speaks for it, and so does the ticket that this one yields. */
		assert_true(resumes(tls, versions[i], NULL, &first, &second, STR("O=Shop, CN=till 1")));
		assert_true(resumes(tls, versions[i], NULL, &second, NULL, STR("O=Shop, CN=till 1")));
		mbedtls_ssl_session_free(&first);
		mbedtls_ssl_session_free(&second);
	}
	tls_context_free(tls);
}

static uint32_t lifetime(const mbedtls_ssl_session *session)
{
	return session->MBEDTLS_PRIVATE(ticket_lifetime);
}

/* A client whose certificate has ended, or was taken away, must not go on for ever from ticket to ticket. */
static void ticket_of_a_ticket_would_prolong_what_was_proved(void **state)
{
	struct tls_context *tls = context_of(*state, true);
	mbedtls_ssl_session first, second;
	mbedtls_ssl_session_init(&first);
	mbedtls_ssl_session_init(&second);
	assert_false(resumes(tls, MBEDTLS_SSL_VERSION_TLS1_3, &badge, NULL, &first, STR("O=Shop, CN=till 1")));
	assert_int_equal(lifetime(&first), TLS_TICKET_ROTATION_S);
	sleep(2);
	assert_true(resumes(tls, MBEDTLS_SSL_VERSION_TLS1_3, NULL, &first, &second, STR("O=Shop, CN=till 1")));
	assert_in_range(lifetime(&second), TLS_TICKET_ROTATION_S / 2, TLS_TICKET_ROTATION_S - 1);
	mbedtls_ssl_session_free(&first);
	mbedtls_ssl_session_free(&second);
	tls_context_free(tls);
}

static void ticket_would_outlive_the_client_s_certificate(void **state)
{
	struct talk_badge whole = badge;
	assert_true(talk_badge_make_until(&badge, "O=Shop,CN=till 2", time(NULL) + 60));
	struct tls_context *tls = context_of(*state, true);
	for (size_t i = 0; i < countof(versions); i++) {
		mbedtls_ssl_session session;
		mbedtls_ssl_session_init(&session);
		assert_false(resumes(tls, versions[i], &badge, NULL, &session, STR("O=Shop, CN=till 2")));
		assert_in_range(lifetime(&session), 1, 60);
		mbedtls_ssl_session_free(&session);
	}
	tls_context_free(tls);
	talk_badge_drop(&badge);
	badge = whole;
}

/* Its age is not what it says: the ticket opens and is not resumed from, as when a stranger sends what he has seen. */
static void strangers_ticket_would_make_him_the_client(void **state)
{
	struct tls_context *tls = context_of(*state, false);
	mbedtls_ssl_session session;
	mbedtls_ssl_session_init(&session);
	assert_false(resumes(tls, MBEDTLS_SSL_VERSION_TLS1_3, &badge, NULL, &session, STR("O=Shop, CN=till 1")));
	session.MBEDTLS_PRIVATE(ticket_reception_time) -= 3600 * 1000;
	int64_t refused = metric_get(METRIC_TLS_TICKETS_REFUSED), full = metric_get(METRIC_TLS13_HANDSHAKES);
	assert_false(resumes(tls, MBEDTLS_SSL_VERSION_TLS1_3, NULL, &session, NULL, STR_ABSENT));
	assert_int_equal(metric_get(METRIC_TLS_TICKETS_REFUSED), refused); /* it was opened */
	assert_int_equal(metric_get(METRIC_TLS13_HANDSHAKES), full + 1);
	mbedtls_ssl_session_free(&session);
	tls_context_free(tls);
}

/* In TLS 1.2 a session is proved by its master secret; a session of TLS 1.3 has none, which Mbed TLS takes for zeros. */
static void ticket_seen_on_the_wire_would_open_the_other_version(void **state)
{
	struct tls_context *tls = context_of(*state, false);
	mbedtls_ssl_session seen, made;
	mbedtls_ssl_session_init(&seen);
	mbedtls_ssl_session_init(&made);
	assert_false(resumes(tls, MBEDTLS_SSL_VERSION_TLS1_3, &badge, NULL, &seen, STR("O=Shop, CN=till 1")));
	assert_false(resumes(tls, MBEDTLS_SSL_VERSION_TLS1_2, NULL, NULL, &made, STR_ABSENT));
	free(made.MBEDTLS_PRIVATE(ticket));
	made.MBEDTLS_PRIVATE(ticket) = take(seen.MBEDTLS_PRIVATE(ticket));
	made.MBEDTLS_PRIVATE(ticket_len) = seen.MBEDTLS_PRIVATE(ticket_len);
	memset(made.MBEDTLS_PRIVATE(master), 0, sizeof(made.MBEDTLS_PRIVATE(master)));
	int64_t refused = metric_get(METRIC_TLS_TICKETS_REFUSED);
	assert_false(resumes(tls, MBEDTLS_SSL_VERSION_TLS1_2, NULL, &made, NULL, STR_ABSENT));
	assert_int_equal(metric_get(METRIC_TLS_TICKETS_REFUSED), refused + 1);
	mbedtls_ssl_session_free(&seen);
	mbedtls_ssl_session_free(&made);
	tls_context_free(tls);
}

static void client_without_certificate_would_be_let_in(void **state)
{
	struct tls_context *tls = context_of(*state, true);
	for (size_t i = 0; i < countof(versions); i++) {
		struct talk talk;
		char why[320];
		int64_t before = metric_get(METRIC_TLS_FAILED_CERT_MISSING);
		talk_init(&talk, versions[i], NULL);
		talk_begin(&talk, tls);
		assert_false(talk_shake(&talk));
		assert_false(str_present(tls_session_client_subject(talk.server)));
		assert_int_equal(metric_get(METRIC_TLS_FAILED_CERT_MISSING), before + 1);
		assert_true(str_starts(tls_session_failure(talk.server, why, sizeof(why)),
				       STR("the client has no certificate")));
		talk_drop(&talk);
	}
	tls_context_free(tls);
}

/* A session that began without a certificate must not be a way round the rule. */
static void ticket_of_nobody_would_open_the_door(void **state)
{
	struct tls_context *open_to_all = context_of(*state, false), *strict = context_of(*state, true);
	for (size_t i = 0; i < countof(versions); i++) {
		mbedtls_ssl_session session;
		mbedtls_ssl_session_init(&session);
		assert_false(resumes(open_to_all, versions[i], NULL, NULL, &session, STR_ABSENT));
		assert_true(resumes(open_to_all, versions[i], NULL, &session, NULL, STR_ABSENT));
		assert_false(resumes(strict, versions[i], NULL, &session, NULL, STR("nobody may come here")));
		mbedtls_ssl_session_free(&session);
	}
	tls_context_free(open_to_all);
	tls_context_free(strict);
}

/* ── What TCP and QUIC have in common ── */

/* A transport beside TCP's, made as QUIC's is: its own config and its own session, which tls_shake_hands steps. */
struct other {
	mbedtls_ssl_config config;
	mbedtls_ssl_context ssl;
	struct tls_shake shake;
};

static int other_sends(void *arg, const unsigned char *bytes, size_t len)
{
	struct talk *talk = arg;
	buf_add(&talk->to_client, (struct str){ (const char *)bytes, len });
	return (int)len;
}

static int other_reads(void *arg, unsigned char *to, size_t room)
{
	struct talk *talk = arg;
	size_t n = talk->to_server.len < room ? talk->to_server.len : room;
	if (n == 0)
		return MBEDTLS_ERR_SSL_WANT_READ;
	memcpy(to, talk->to_server.at, n);
	memmove(talk->to_server.at, talk->to_server.at + n, talk->to_server.len - n);
	talk->to_server.len -= n;
	return (int)n;
}

static void tickets_would_be_of_no_use_on_the_other_transport(void **state)
{
	struct tls_context *tls = context_of(*state, true);
	struct other other = { 0 };
	mbedtls_ssl_session session;
	struct talk talk;
	mbedtls_ssl_session_init(&session);
	assert_false(resumes(tls, MBEDTLS_SSL_VERSION_TLS1_3, &badge, NULL, &session, STR("O=Shop, CN=till 1")));

	mbedtls_ssl_config_init(&other.config);
	mbedtls_ssl_init(&other.ssl);
	assert_int_equal(mbedtls_ssl_config_defaults(&other.config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
						     MBEDTLS_SSL_PRESET_DEFAULT),
			 0);
	mbedtls_ssl_conf_min_tls_version(&other.config, MBEDTLS_SSL_VERSION_TLS1_3);
	assert_int_equal(tls_context_apply(tls, &other.config), 0);
	assert_int_equal(mbedtls_ssl_setup(&other.ssl, &other.config), 0);
	talk_init(&talk, MBEDTLS_SSL_VERSION_TLS1_3, NULL);
	talk_begin(&talk, tls);
	assert_int_equal(mbedtls_ssl_set_session(&talk.client, &session), 0);
	mbedtls_ssl_set_bio(&other.ssl, &talk, other_sends, other_reads, NULL);
	assert_int_equal(mbedtls_ssl_handshake(&talk.client), MBEDTLS_ERR_SSL_WANT_READ);
	assert_int_equal(tls_shake_hands(tls, &other.ssl, &other.shake), MBEDTLS_ERR_SSL_WANT_READ);
	assert_int_equal(mbedtls_ssl_handshake(&talk.client), 0);
	assert_int_equal(tls_shake_hands(tls, &other.ssl, &other.shake), 0);
	assert_true(tls_shake_resumed(&other.shake));
	assert_true(str_equal(tls_shake_subject(&other.shake), STR("O=Shop, CN=till 1")));

	tls_shake_free(&other.shake);
	mbedtls_ssl_free(&other.ssl);
	mbedtls_ssl_config_free(&other.config);
	mbedtls_ssl_session_free(&session);
	talk_drop(&talk);
	tls_context_free(tls);
}

static int badge_make(void **state)
{
	(void)state;
	return psa_crypto_init() || !talk_badge_make(&badge, "O=Shop,CN=till 1");
}

static int badge_drop(void **state)
{
	(void)state;
	talk_badge_drop(&badge);
	return 0;
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILES(tickets_would_not_be_good_for_their_period),
		WITH_FILES(keys_would_never_be_forgotten),
		WITH_FILES(forged_tickets_would_be_believed),
		WITH_FILES(tickets_would_overflow_their_room),
		WITH_FILES(resumption_would_forget_the_client),
		WITH_FILES(ticket_of_a_ticket_would_prolong_what_was_proved),
		WITH_FILES(ticket_would_outlive_the_client_s_certificate),
		WITH_FILES(strangers_ticket_would_make_him_the_client),
		WITH_FILES(ticket_seen_on_the_wire_would_open_the_other_version),
		WITH_FILES(client_without_certificate_would_be_let_in),
		WITH_FILES(ticket_of_nobody_would_open_the_door),
		WITH_FILES(tickets_would_be_of_no_use_on_the_other_transport),
	};
	return cmocka_run_group_tests(tests, badge_make, badge_drop);
}
