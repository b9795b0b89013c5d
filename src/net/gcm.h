/* SPDX-License-Identifier: MIT */
/* Which AES-GCM does the work: the fastest that this processor has, or the one that was asked for (tls.aes_gcm). */
#ifndef NET_GCM_H
#define NET_GCM_H

#include "base/compiler.h"

/*
 * The ways this build knows, by number, fastest first. They are Mbed TLS's concern (vendor/mbedtls/gcm_alt.h): all
 * that uses mbedtls_gcm_*, TLS and QUIC alike, gets the chosen one at its next setkey. Any thread.
 */
enum {
	NET_GCM_VAES_AVX512,
	NET_GCM_VAES_AVX2,
	NET_GCM_SSE,
	NET_GCM_PORTABLE, /* Mbed TLS's own, which runs everywhere */
	NET_GCM_AUTO,	  /* the first that runs here */
};

unsigned net_gcm_ways(void);
/* The name of way i, as the setting spells it; NULL if it does not run here. */
const char *net_gcm_name(unsigned i);
/* Chooses way i, or NET_GCM_AUTO; 0, or 1 if it does not run here (then nothing changes). */
must_use int net_gcm_choose(unsigned i);
/* The name of the way in use. */
const char *net_gcm_in_use(void);

#endif
