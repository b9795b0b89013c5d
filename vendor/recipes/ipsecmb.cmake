# Only its AES-GCM kernels are linked (vendor/mbedtls/gcm_alt.c), not the manager that would pull in all 13 MB. They are
# assembly, which no system library can be missing for; NASM, which would be needed to build them, is not asked for.
vendor_deb(ipsecmb FILES
  usr/include/intel-ipsec-mb.h=include/intel-ipsec-mb.h
  usr/lib/MULTIARCH/libIPSec_MB.a=lib/libIPSec_MB.a)
