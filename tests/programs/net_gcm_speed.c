/* SPDX-License-Identifier: MIT */
/* Measures AES-GCM by each way this processor has, as TLS and QUIC call it: one message, one thread, CPU time. */
#include <mbedtls/gcm.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/compiler.h"

enum { MESSAGE_MAX = 16384, SECONDS_DIVISOR = 4 };

static double cpu_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double gigabytes_per_second(unsigned keybits, size_t len)
{
	static unsigned char message[MESSAGE_MAX];
	const unsigned char key[32] = { 1 }, add[13] = { 2 };
	unsigned char iv[12] = { 3 }, tag[16];
	mbedtls_gcm_context gcm;
	mbedtls_gcm_init(&gcm);
	check(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, keybits) == 0);
	double begin = cpu_seconds(), spent;
	size_t n = 0;
	do {
		for (int i = 0; i < 1000; i++, n++) {
			memcpy(iv, &n, sizeof(n));
			check(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, len, iv, sizeof(iv), add,
							sizeof(add), message, message, sizeof(tag), tag) == 0);
		}
		spent = cpu_seconds() - begin;
	} while (spent < 1.0 / (double)SECONDS_DIVISOR);
	mbedtls_gcm_free(&gcm);
	return (double)n * (double)len / spent / 1e9;
}

static void measure(const char *name)
{
	static const size_t lengths[] = { 64, 1200, MESSAGE_MAX };
	for (unsigned keybits = 128; keybits <= 256; keybits += 128)
		for (size_t i = 0; i < countof(lengths); i++)
			printf("%s %u %zu %.2f\n", name, keybits, lengths[i],
			       gigabytes_per_second(keybits, lengths[i]));
}

int main(void)
{
#ifdef MBEDTLS_GCM_ALT
	for (unsigned i = 0; i < gcm_alt_count(); i++)
		if (gcm_alt_name(i) && gcm_alt_choose(i) == 0)
			measure(gcm_alt_name(i));
#else
	measure("mbedtls");
#endif
	return 0;
}
