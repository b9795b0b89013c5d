/* SPDX-License-Identifier: MIT */
/* Who asks: what the gate found in a valid access token, or by an API token. */
#ifndef AUTH_IDENTITY_H
#define AUTH_IDENTITY_H

#include "auth/scope.h"
#include "base/uuid.h"

struct identity {
	struct uuid user;
	struct str email;
	struct uuid jti;    /* the token's id */
	struct uuid family; /* refresh family (session) it belongs to; nil if none */
	int64_t issued_s;   /* seconds since 1970 */
	int64_t expires_s;  /* seconds since 1970 */
	unsigned scopes;    /* of enum auth_scope: what the bearer may be let do */
};

#endif
