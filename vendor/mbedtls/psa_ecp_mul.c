/* SPDX-License-Identifier: MIT */
/* The public half of an X25519 key pair by the Everest code, where PSA asks for it. */
#include "psa_ecp_mul.h"

#include <everest/Hacl_Curve25519.h>
#include <mbedtls/platform_util.h>

static int x25519_public(mbedtls_ecp_point *R, const mbedtls_mpi *m)
{
	unsigned char secret[32], public[32], base[32] = { 9 };
	int error = mbedtls_mpi_write_binary_le(m, secret, sizeof(secret));
	if (!error) {
		Hacl_Curve25519_crypto_scalarmult(public, secret, base);
		error = mbedtls_mpi_read_binary_le(&R->MBEDTLS_PRIVATE(X), public, sizeof(public));
	}
	mbedtls_platform_zeroize(secret, sizeof(secret));
	if (error)
		return error;
	mbedtls_mpi_free(&R->MBEDTLS_PRIVATE(Y)); /* a point of a Montgomery curve has no Y */
	return mbedtls_mpi_lset(&R->MBEDTLS_PRIVATE(Z), 1);
}

int psa_ecp_mul(mbedtls_ecp_group *grp, mbedtls_ecp_point *R, const mbedtls_mpi *m, const mbedtls_ecp_point *P,
		int (*f_rng)(void *, unsigned char *, size_t), void *p_rng)
{
	/* Mbed TLS clamps a secret when it makes or reads it; one that is not is for its own code to refuse. */
	if (grp->id == MBEDTLS_ECP_DP_CURVE25519 && P == &grp->G && !mbedtls_ecp_check_privkey(grp, m))
		return x25519_public(R, m);
	return mbedtls_ecp_mul(grp, R, m, P, f_rng, p_rng);
}
