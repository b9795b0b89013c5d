/* SPDX-License-Identifier: MIT */
/* Keyed hashing for tables whose keys come from strangers (SipHash-1-3 with a per-process key: no hash flooding). */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/str.h"

/* Same input, same value, within one process. */
uint64_t hash_str(struct str s);
/* Same input, same value, everywhere and always: to name content. Whoever chooses the input can choose the value. */
uint64_t hash_content(struct str s);

#endif
