/* SPDX-License-Identifier: MIT */
/*
 * What has been revoked and not yet expired: token ids and whole families (sessions), each until a time.
 *
 * Bounded. When more is revoked than fits, the set forgets nothing it promised: it refuses every token issued up to
 * that second instead, and the clients refresh theirs.
 */
#ifndef AUTH_REVOKED_H
#define AUTH_REVOKED_H

#include "auth/identity.h"

struct auth_revoked;

/* NULL without memory. */
must_use struct auth_revoked *auth_revoked_new(size_t max_entries);
void auth_revoked_free(struct auth_revoked *revoked);

/* A jti or a family; the later of two times counts. One that is over already is not kept. */
void auth_revoked_add(struct auth_revoked *revoked, const struct uuid *id, int64_t until_s, int64_t now_s);
/* Whether the token, its family, or everything of its age is revoked. */
bool auth_revoked_covers(const struct auth_revoked *revoked, const struct identity *identity, int64_t now_s);
/* Entries kept. */
size_t auth_revoked_count(const struct auth_revoked *revoked);

#endif
