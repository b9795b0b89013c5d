/* SPDX-License-Identifier: MIT */
/* Sealing and opening tickets, and the turning of their keys. */
#include "net/tickets.h"

#include <string.h>

#include "base/random.h"

enum {
	KEY_BYTES = 32,
	NONCE_BYTES = 12,
	TAG_BYTES = 16,
	UNTIL_BYTES = 8,
	LENGTH_BYTES = 2,
	HEAD_BYTES = TICKET_NAME_BYTES + NONCE_BYTES,
	BOX_HEAD_BYTES = UNTIL_BYTES + LENGTH_BYTES,
};

void tickets_init(struct tickets *tickets, unsigned period_s)
{
	*tickets = (struct tickets){ .period_s = period_s };
	for (size_t i = 0; i < TICKET_N_KEYS; i++)
		mbedtls_gcm_init(&tickets->keys[i].gcm);
}

void tickets_free(struct tickets *tickets)
{
	for (size_t i = 0; i < TICKET_N_KEYS; i++)
		mbedtls_gcm_free(&tickets->keys[i].gcm);
}

/* ── Keys ── */

static int key_make(struct ticket_key *key, int64_t now_s)
{
	unsigned char bytes[KEY_BYTES];
	random_bytes(bytes, sizeof(bytes));
	random_bytes(key->name, sizeof(key->name));
	mbedtls_gcm_free(&key->gcm);
	mbedtls_gcm_init(&key->gcm);
	int error = mbedtls_gcm_setkey(&key->gcm, MBEDTLS_CIPHER_ID_AES, bytes, 8 * KEY_BYTES);
	explicit_bzero(bytes, sizeof(bytes));
	key->usable = !error;
	key->since_s = now_s;
	return error;
}

/* A key that has sealed for two periods is forgotten, whether or not another one took its place. */
static void forget_old(struct tickets *tickets, int64_t now_s)
{
	for (size_t i = 0; i < TICKET_N_KEYS; i++) {
		struct ticket_key *key = &tickets->keys[i];
		if (!key->usable || now_s - key->since_s < 2 * (int64_t)tickets->period_s)
			continue;
		mbedtls_gcm_free(&key->gcm);
		mbedtls_gcm_init(&key->gcm);
		key->usable = false;
	}
}

/* The key to seal with; NULL with *error. */
static struct ticket_key *key_to_seal(struct tickets *tickets, int64_t now_s, int *error)
{
	struct ticket_key *key = &tickets->keys[tickets->active];
	*error = 0;
	forget_old(tickets, now_s);
	if (key->usable && now_s - key->since_s < tickets->period_s)
		return key;
	tickets->active = (tickets->active + 1) % TICKET_N_KEYS;
	key = &tickets->keys[tickets->active];
	*error = key_make(key, now_s);
	return *error ? NULL : key;
}

static struct ticket_key *key_named(struct tickets *tickets, int64_t now_s, const unsigned char *name)
{
	forget_old(tickets, now_s);
	for (size_t i = 0; i < TICKET_N_KEYS; i++)
		if (tickets->keys[i].usable && memcmp(tickets->keys[i].name, name, TICKET_NAME_BYTES) == 0)
			return &tickets->keys[i];
	return NULL;
}

/* ── Tickets ── */

static void put_number(unsigned char *to, uint64_t number, size_t len)
{
	for (; len; len--, number >>= 8)
		to[len - 1] = (unsigned char)number;
}

static uint64_t number_at(const unsigned char *at, size_t len)
{
	uint64_t number = 0;
	for (size_t i = 0; i < len; i++)
		number = number << 8 | at[i];
	return number;
}

int tickets_seal(struct tickets *tickets, int64_t now_s, const mbedtls_ssl_session *session,
		 const struct ticket_claim *claim, unsigned char *at, const unsigned char *end, size_t *len)
{
	int64_t period_ends_s = now_s + tickets->period_s;
	struct str subject = claim->subject;
	int error;
	struct ticket_key *key = key_to_seal(tickets, now_s, &error);
	if (!key)
		return error;
	size_t around = HEAD_BYTES + BOX_HEAD_BYTES + subject.len + TAG_BYTES;
	if ((size_t)(end - at) < around || subject.len > UINT16_MAX)
		return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;

	unsigned char *nonce = at + TICKET_NAME_BYTES, *box = at + HEAD_BYTES;
	memcpy(at, key->name, TICKET_NAME_BYTES);
	random_bytes(nonce, NONCE_BYTES);
	put_number(box, (uint64_t)(claim->until_s < period_ends_s ? claim->until_s : period_ends_s), UNTIL_BYTES);
	put_number(box + UNTIL_BYTES, subject.len, LENGTH_BYTES);
	if (subject.len)
		memcpy(box + BOX_HEAD_BYTES, subject.at, subject.len);
	size_t session_len, room = (size_t)(end - at) - around;
	error = mbedtls_ssl_session_save(session, box + BOX_HEAD_BYTES + subject.len, room, &session_len);
	if (error)
		return error;
	size_t box_len = BOX_HEAD_BYTES + subject.len + session_len;
	*len = HEAD_BYTES + box_len + TAG_BYTES;
	return mbedtls_gcm_crypt_and_tag(&key->gcm, MBEDTLS_GCM_ENCRYPT, box_len, nonce, NONCE_BYTES, at,
					 TICKET_NAME_BYTES, box, box, TAG_BYTES, box + box_len);
}

/* What was sealed, once it is known to be ours. */
static int load(int64_t now_s, const unsigned char *box, size_t len, mbedtls_ssl_session *session,
		struct ticket_claim *claim)
{
	int64_t until_s = (int64_t)number_at(box, UNTIL_BYTES);
	size_t subject_len = (size_t)number_at(box + UNTIL_BYTES, LENGTH_BYTES);
	check(subject_len <= len - BOX_HEAD_BYTES);
	if (now_s >= until_s)
		return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
	*claim = (struct ticket_claim){ { (const char *)box + BOX_HEAD_BYTES, subject_len }, until_s };
	return mbedtls_ssl_session_load(session, box + BOX_HEAD_BYTES + subject_len,
					len - BOX_HEAD_BYTES - subject_len);
}

int tickets_open(struct tickets *tickets, int64_t now_s, unsigned char *ticket, size_t len,
		 mbedtls_ssl_session *session, struct ticket_claim *claim)
{
	if (len < HEAD_BYTES + BOX_HEAD_BYTES + TAG_BYTES)
		return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
	struct ticket_key *key = key_named(tickets, now_s, ticket);
	if (!key)
		return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
	unsigned char *box = ticket + HEAD_BYTES;
	size_t box_len = len - HEAD_BYTES - TAG_BYTES;
	if (mbedtls_gcm_auth_decrypt(&key->gcm, box_len, ticket + TICKET_NAME_BYTES, NONCE_BYTES, ticket,
				     TICKET_NAME_BYTES, box + box_len, TAG_BYTES, box, box))
		return MBEDTLS_ERR_SSL_INVALID_MAC;
	return load(now_s, box, box_len, session, claim);
}
