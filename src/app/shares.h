/* SPDX-License-Identifier: MIT */
/* What those who make links and those who follow them have in common: tokens. */
#ifndef APP_SHARES_H
#define APP_SHARES_H

#include "auth/secret.h"

enum { SHARE_TOKEN_TEXT = 32 /* base64url of 192 random bits */ };

struct share_token {
	char text[SHARE_TOKEN_TEXT];
	char digest[AUTH_DIGEST_TEXT]; /* what it is looked up by */
};

struct share_token share_token_new(void);
/* False for what cannot be a token. */
must_use bool share_token_read(struct str shown, struct share_token *token);

#endif
