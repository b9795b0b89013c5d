/* SPDX-License-Identifier: MIT */
/* The clocks. Modules that must be testable take the time as an argument instead. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Microseconds that never go back; for durations. */
int64_t clock_monotonic_us(void);
/* The same clock as of the kernel's last tick, at most 10 ms ago, without reading the processor's counter: for what is
 * noted with every packet and compared with seconds. */
int64_t clock_coarse_us(void);
/* Milliseconds since 1970-01-01 UTC; for what is shown or stored. */
int64_t clock_wall_ms(void);

#endif
