/* SPDX-License-Identifier: MIT */
/* Addresses as account names: what is accepted as one, and the form under which two are the same. */
#ifndef AUTH_EMAIL_H
#define AUTH_EMAIL_H

#include "base/arena.h"

enum { AUTH_EMAIL_MAX = 254 };

/* local@domain, valid UTF-8, no white space or control characters, RFC 5321's lengths. No mail is sent to find out more. */
must_use bool auth_email_valid(struct str email);
/* The case-folded, composed form, in the arena; absent for invalid UTF-8, an overlong result or no memory. */
struct str auth_email_fold(struct str email, struct arena *arena);

#endif
