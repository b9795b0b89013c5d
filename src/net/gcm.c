/* SPDX-License-Identifier: MIT */
/* Which AES-GCM does the work: our build of Mbed TLS has several, the system's has its own. */
#include "net/gcm.h"

#include <mbedtls/gcm.h>
#include <stddef.h>

#ifdef MBEDTLS_GCM_ALT

unsigned net_gcm_ways(void)
{
	check(gcm_alt_count() == NET_GCM_AUTO);
	return NET_GCM_AUTO;
}

const char *net_gcm_name(unsigned i)
{
	return gcm_alt_name(i);
}

int net_gcm_choose(unsigned i)
{
	if (i == NET_GCM_AUTO)
		for (i = 0; !gcm_alt_name(i);)
			i++;
	return gcm_alt_choose(i) ? 1 : 0;
}

const char *net_gcm_in_use(void)
{
	return gcm_alt_name(gcm_alt_chosen());
}

#else

unsigned net_gcm_ways(void)
{
	return NET_GCM_AUTO;
}

const char *net_gcm_name(unsigned i)
{
	return i == NET_GCM_PORTABLE ? "mbedtls" : NULL;
}

int net_gcm_choose(unsigned i)
{
	return i == NET_GCM_PORTABLE || i == NET_GCM_AUTO ? 0 : 1;
}

const char *net_gcm_in_use(void)
{
	return net_gcm_name(NET_GCM_PORTABLE);
}

#endif
