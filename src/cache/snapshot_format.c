/* SPDX-License-Identifier: MIT */
/* Writing and reading a snapshot's bytes. */
#include "cache/snapshot_format.h"

#include <string.h>

#include "auth/secret.h"

#define MAGIC STR("recordd answers 1\n")

/* Before the texts, in this order: their lengths, the user, the version, the expiry, whether it is a resident. */
struct answer_head {
	uint32_t kind_len, text_len, note_len, body_len;
	struct uuid user;
	uint64_t version, expires_ms;
	uint8_t resident;
};

enum {
	HEAD = 4 * sizeof(uint32_t) + sizeof(struct uuid) + 2 * sizeof(uint64_t) + 1,
	LONGEST_KIND = 64,
	NO_NOTE = UINT32_MAX,
};

static struct str digest_of(struct str bytes, char room[AUTH_DIGEST_TEXT])
{
	auth_digest(&bytes, 1, room);
	return (struct str){ room, AUTH_DIGEST_TEXT };
}

static void put(char **to, uint64_t number, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*(*to)++ = (char)(number >> 8 * i);
}

static uint64_t get(const char **from, size_t n)
{
	uint64_t number = 0;

	for (size_t i = 0; i < n; i++)
		number |= (uint64_t)(unsigned char)*(*from)++ << 8 * i;
	return number;
}

void snapshot_begin(struct buf *to, struct str origin)
{
	char room[AUTH_DIGEST_TEXT];

	buf_add(to, MAGIC);
	buf_add(to, digest_of(origin, room));
}

static uint32_t length_of(struct str text)
{
	return str_present(text) ? (uint32_t)text.len : NO_NOTE;
}

bool snapshot_add(struct buf *to, const struct snapshot_answer *answer)
{
	size_t size = HEAD + answer->kind.len + answer->text.len + answer->body.len + answer->note.len;
	char head[HEAD], *at = head;

	if (buf_failed(to) || size + AUTH_DIGEST_TEXT > to->max - to->len || answer->kind.len > LONGEST_KIND)
		return false;
	put(&at, answer->kind.len, sizeof(uint32_t));
	put(&at, answer->text.len, sizeof(uint32_t));
	put(&at, length_of(answer->note), sizeof(uint32_t));
	put(&at, answer->body.len, sizeof(uint32_t));
	memcpy(at, answer->user.bytes, sizeof(answer->user.bytes));
	at += sizeof(answer->user.bytes);
	put(&at, (uint64_t)answer->version, sizeof(uint64_t));
	put(&at, (uint64_t)answer->expires_ms, sizeof(uint64_t));
	put(&at, answer->resident, 1);
	buf_add(to, (struct str){ head, sizeof(head) });
	buf_add(to, answer->kind);
	buf_add(to, answer->text);
	buf_add(to, answer->note);
	buf_add(to, answer->body);
	return !buf_failed(to);
}

void snapshot_end(struct buf *to)
{
	char room[AUTH_DIGEST_TEXT];

	buf_add(to, digest_of(buf_str(to), room));
}

struct str snapshot_open(struct snapshot_reader *reader, struct str bytes, struct str origin)
{
	char room[AUTH_DIGEST_TEXT];

	if (!str_starts(bytes, MAGIC))
		return STR("it is no snapshot of this format");
	if (bytes.len < MAGIC.len + 2 * (size_t)AUTH_DIGEST_TEXT)
		return STR("it is cut off");
	struct str whole = str_first(bytes, bytes.len - AUTH_DIGEST_TEXT);
	if (!str_equal(str_skip(bytes, whole.len), digest_of(whole, room)))
		return STR("it is damaged");
	struct str said = str_skip(whole, MAGIC.len);
	if (!str_starts(said, digest_of(origin, room)))
		return STR("it is of another database or another build");
	reader->rest = str_skip(said, AUTH_DIGEST_TEXT);
	return STR_ABSENT;
}

static struct answer_head read_head(const char *at)
{
	struct answer_head head = { 0 };

	head.kind_len = (uint32_t)get(&at, sizeof(uint32_t));
	head.text_len = (uint32_t)get(&at, sizeof(uint32_t));
	head.note_len = (uint32_t)get(&at, sizeof(uint32_t));
	head.body_len = (uint32_t)get(&at, sizeof(uint32_t));
	memcpy(head.user.bytes, at, sizeof(head.user.bytes));
	at += sizeof(head.user.bytes);
	head.version = get(&at, sizeof(uint64_t));
	head.expires_ms = get(&at, sizeof(uint64_t));
	head.resident = (uint8_t)get(&at, 1);
	return head;
}

static struct str take_bytes(struct snapshot_reader *reader, size_t n)
{
	struct str taken = str_first(reader->rest, n);

	reader->rest = str_skip(reader->rest, n);
	return taken;
}

int snapshot_next(struct snapshot_reader *reader, struct snapshot_answer *answer)
{
	if (reader->rest.len == 0)
		return 0;
	if (reader->rest.len < HEAD)
		return -1;
	struct answer_head head = read_head(take_bytes(reader, HEAD).at);
	uint64_t note_len = head.note_len == NO_NOTE ? 0 : head.note_len;
	if (head.kind_len > LONGEST_KIND || head.resident > 1 || head.version > INT64_MAX || head.expires_ms > INT64_MAX ||
	    head.kind_len + note_len + head.text_len + head.body_len > reader->rest.len)
		return -1;
	*answer = (struct snapshot_answer){ .user = head.user,
					    .version = (int64_t)head.version,
					    .expires_ms = (int64_t)head.expires_ms,
					    .resident = head.resident };
	answer->kind = take_bytes(reader, head.kind_len);
	answer->text = take_bytes(reader, head.text_len);
	struct str note = take_bytes(reader, note_len);
	answer->note = head.note_len == NO_NOTE ? STR_ABSENT : note;
	answer->body = take_bytes(reader, head.body_len);
	return 1;
}
