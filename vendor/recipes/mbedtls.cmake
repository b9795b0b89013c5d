# The library and all its users must see the same configuration: it is installed beside the headers, and
# cmake/Dependencies.cmake names it to every user. GCC 12 gives false warnings at -O3, hence not fatal.
#
# The instruction sets make the compiler use intrinsics (GCM twice as fast as the inline assembly); which
# code runs is still decided by CPUID (mbedtls_aesni_has_support). SSE 4.1 itself is taken for granted: every x86-64
# processor since 2008 has it.
set(flags -O3)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  list(APPEND flags -maes -mpclmul -msse4.1)
endif()
#
# Upstream's build is not changed: it includes mbedtls/build.cmake, which adds sources of ours to libmbedcrypto.
set(ours "${CMAKE_CURRENT_SOURCE_DIR}/mbedtls")
vendor_tarball(mbedtls C_FLAGS ${flags} "-I${ours}" "-I${VENDOR_PREFIX}/include" ARGS
  "-DCMAKE_PROJECT_INCLUDE=${ours}/build.cmake"
  "-DMBEDTLS_USER_CONFIG_FILE=${ours}/recordd_mbedtls_config.h"
  -DMBEDTLS_FATAL_WARNINGS=OFF -DGEN_FILES=OFF -DENABLE_PROGRAMS=OFF -DENABLE_TESTING=OFF
  -DUSE_STATIC_MBEDTLS_LIBRARY=ON -DUSE_SHARED_MBEDTLS_LIBRARY=OFF)
ExternalProject_Add_Step(mbedtls config DEPENDEES install ALWAYS ON
  COMMAND "${CMAKE_COMMAND}" -E copy "${ours}/recordd_mbedtls_config.h" "${ours}/gcm_alt.h" "${ours}/gcm_portable.h"
    "${VENDOR_PREFIX}/include/")
if(ipsecmb IN_LIST names)
  ExternalProject_Add_StepDependencies(mbedtls configure ipsecmb)
endif()
