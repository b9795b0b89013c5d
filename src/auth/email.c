/* SPDX-License-Identifier: MIT */
/* Addresses: validity and folding. */
#include "auth/email.h"

#include <utf8proc.h>

enum { LOCAL_MAX = 64, LABEL_MAX = 63 };

static bool char_allowed(utf8proc_int32_t c)
{
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_ZS:
		return false;
	default:
		return true;
	}
}

static bool text_allowed(struct str text)
{
	while (text.len) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n =
			utf8proc_iterate((const utf8proc_uint8_t *)text.at, (utf8proc_ssize_t)text.len, &c);
		if (n <= 0 || !char_allowed(c))
			return false;
		text = str_skip(text, (size_t)n);
	}
	return true;
}

static bool label_allowed(struct str label)
{
	if (label.len == 0 || label.len > LABEL_MAX || label.at[0] == '-' || label.at[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = label.at[i];
		if (!char_is_alpha(c) && !char_is_digit(c) && c != '-' && !((unsigned char)c & 0x80))
			return false;
	}
	return true;
}

static bool domain_allowed(struct str domain)
{
	while (str_present(domain))
		if (!label_allowed(str_cut(domain, '.', &domain)))
			return false;
	return true;
}

bool auth_email_valid(struct str email)
{
	struct str domain, local = str_cut(email, '@', &domain);
	return email.len <= AUTH_EMAIL_MAX && local.len > 0 && local.len <= LOCAL_MAX && str_present(domain) &&
	       text_allowed(email) && domain_allowed(domain);
}

struct str auth_email_fold(struct str email, struct arena *arena)
{
	utf8proc_uint8_t *folded;
	if (email.len > AUTH_EMAIL_MAX)
		return STR_ABSENT;
	utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)email.at, (utf8proc_ssize_t)email.len, &folded,
					    UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
	if (len < 0)
		return STR_ABSENT;
	struct str copy = arena_copy(arena, (struct str){ (const char *)folded, (size_t)len });
	free(folded);
	return copy;
}
