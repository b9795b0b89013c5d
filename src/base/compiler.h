/* SPDX-License-Identifier: MIT */
/* The few compiler attributes and macros the rest of the house is written in. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* The caller must look at the result. */
#define must_use __attribute__((warn_unused_result))
/* The pointer arguments are never NULL. */
#define nonnull __attribute__((nonnull))
/* printf-like: `fmt` is the 1-based format argument, `args` the first variadic one. */
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))
/* A local that owns something: `owned(fclose_ptr) FILE *f = …;` runs fclose_ptr(&f) when it leaves scope. */
#define owned(release) __attribute__((cleanup(release)))
/* Hot-path hints; use only where a profile asked for them. */
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define countof(array) (sizeof(array) / sizeof((array)[0]))
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Hands an owned value over: yields it and leaves NULL behind, so that the cleanup finds nothing. */
#define take(ptr)                       \
	__extension__({                 \
		__typeof__(ptr) taken_ = (ptr); \
		(ptr) = NULL;           \
		taken_;                 \
	})

/* An impossible state ends the process, in release builds too. */
#define check(condition)                                                                          \
	do {                                                                                      \
		if (unlikely(!(condition))) {                                                     \
			fprintf(stderr, "recordd: impossible: %s (%s:%d)\n", #condition, __FILE__, \
				__LINE__);                                                        \
			abort();                                                                  \
		}                                                                                 \
	} while (0)

#endif
