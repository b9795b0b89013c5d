/* SPDX-License-Identifier: MIT */
/* Randomness from the kernel. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

#include "base/compiler.h"

/* Fills with cryptographically strong bytes; ends the process if the kernel has none (it always has after boot). */
void random_bytes(void *to, size_t len);
/* Uniform in [0, below); below > 0. */
uint64_t random_below(uint64_t below);

#endif
