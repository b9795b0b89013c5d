/* SPDX-License-Identifier: MIT */
/* The two clocks. Modules that must be testable take the time as an argument instead. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Microseconds that never go back; for durations. */
int64_t clock_monotonic_us(void);
/* Milliseconds since 1970-01-01 UTC; for what is shown or stored. */
int64_t clock_wall_ms(void);

#endif
