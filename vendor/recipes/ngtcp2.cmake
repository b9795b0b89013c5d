# Its project asks for a C++ compiler, for examples that are not built: it is told not to look for one.
vendor_tarball(ngtcp2 C_FLAGS ${VENDOR_LTO} ARGS -DCMAKE_CXX_COMPILER_FORCED=ON -DCMAKE_CXX_COMPILER=${CMAKE_C_COMPILER} -DENABLE_LIB_ONLY=ON -DENABLE_OPENSSL=OFF -DENABLE_STATIC_LIB=ON -DENABLE_SHARED_LIB=OFF
  -DBUILD_TESTING=OFF)
# The half of ngtcp2's crypto helper that every TLS library's backend shares, as an archive of its own. Upstream
# compiles it into each helper; ours is src/net/quic/, which needs the header that declares what a backend supplies.
ExternalProject_Get_Property(ngtcp2 SOURCE_DIR BINARY_DIR)
separate_arguments(flags NATIVE_COMMAND "${VENDOR_C_FLAGS}")
ExternalProject_Add_Step(ngtcp2 crypto DEPENDEES install ALWAYS ON
  COMMAND "${CMAKE_C_COMPILER}" ${flags} -fPIC -DHAVE_CONFIG_H -DNGTCP2_STATICLIB
    "-I${BINARY_DIR}" "-I${SOURCE_DIR}/lib" "-I${SOURCE_DIR}/lib/includes" "-I${BINARY_DIR}/lib/includes"
    "-I${SOURCE_DIR}/crypto" "-I${SOURCE_DIR}/crypto/includes"
    -c "${SOURCE_DIR}/crypto/shared.c" -o "${BINARY_DIR}/ngtcp2_crypto_shared.o"
  COMMAND "${CMAKE_AR}" rcs "${VENDOR_PREFIX}/lib/libngtcp2_crypto_shared.a" "${BINARY_DIR}/ngtcp2_crypto_shared.o"
  COMMAND "${CMAKE_COMMAND}" -E copy
    "${SOURCE_DIR}/crypto/includes/ngtcp2/ngtcp2_crypto.h" "${VENDOR_PREFIX}/include/ngtcp2/"
  COMMAND "${CMAKE_COMMAND}" -E copy "${SOURCE_DIR}/crypto/shared.h" "${VENDOR_PREFIX}/include/ngtcp2_crypto_shared.h")
