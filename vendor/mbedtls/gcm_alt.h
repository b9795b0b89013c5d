/* SPDX-License-Identifier: MIT */
/*
 * What Mbed TLS's <mbedtls/gcm.h> includes in place of its own context: AES-GCM by the kernels of Intel's ipsec-mb
 * where the processor has their instructions, by Mbed TLS's own code everywhere else.
 *
 * The interface of <mbedtls/gcm.h> is kept whole. A kernel does AES with 128 or 256 bits, a 12-byte IV, and a message
 * given in one call, in place or disjoint: that is every record of TLS and every packet of QUIC. All else (other
 * ciphers, AES-192, other IVs, messages in parts, buffers that overlap by half) is Mbed TLS's gcm.c, compiled
 * unchanged under other names. What each of them wants of a key is made when it is first needed: many keys of a
 * handshake, and those that QUIC holds ready for an update, encrypt little or nothing.
 */
#ifndef GCM_ALT_H
#define GCM_ALT_H

#include <mbedtls/private_access.h>

struct gcm_alt;

typedef struct mbedtls_gcm_context {
	struct gcm_alt *MBEDTLS_PRIVATE(alt); /* NULL until setkey, and after free */
} mbedtls_gcm_context;

/* How many ways of doing AES-GCM this build knows; the last is Mbed TLS's own code and always runs. */
unsigned gcm_alt_count(void);

/* The name of way i < gcm_alt_count(), as `tls.aes_gcm` spells it; NULL if this processor cannot run it. */
const char *gcm_alt_name(unsigned i);

/* The way that contexts take at their next setkey: the first that the processor runs, unless one was chosen. */
unsigned gcm_alt_chosen(void);

/* Chooses way i for each later setkey of the process; contexts that have a key keep theirs. 0, or -1 if this
 * processor cannot run it. */
int gcm_alt_choose(unsigned i);

#endif
