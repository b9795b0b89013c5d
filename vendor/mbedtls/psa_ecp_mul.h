/* SPDX-License-Identifier: MIT */
/*
 * The public half of an X25519 key pair by the Everest code.
 *
 * Mbed TLS uses Everest for the shared secret, but makes the public key of TLS 1.3's key share by its general curve
 * arithmetic, which takes four times as long. psa_crypto_ecp.c, which does so, is compiled with its calls of
 * mbedtls_ecp_mul named psa_ecp_mul (build.cmake).
 */
#ifndef PSA_ECP_MUL_H
#define PSA_ECP_MUL_H

#include <mbedtls/ecp.h>

/* mbedtls_ecp_mul, with the base point of Curve25519 done by Everest. */
int psa_ecp_mul(mbedtls_ecp_group *grp, mbedtls_ecp_point *R, const mbedtls_mpi *m, const mbedtls_ecp_point *P,
		int (*f_rng)(void *, unsigned char *, size_t), void *p_rng);

#endif
