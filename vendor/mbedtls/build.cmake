# What is added to Mbed TLS's build, without a change to its files: included by its project() command, done when all
# of its targets are known.
function(recordd_mbedtls_sources)
  set(ours "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
  set(everest "${CMAKE_CURRENT_SOURCE_DIR}/3rdparty/everest/include/everest")
  target_sources(mbedcrypto PRIVATE "${ours}/psa_ecp_mul.c")
  set_source_files_properties("${ours}/psa_ecp_mul.c" TARGET_DIRECTORY mbedcrypto
    PROPERTIES INCLUDE_DIRECTORIES "${everest};${everest}/kremlib")
  set_source_files_properties("${CMAKE_CURRENT_SOURCE_DIR}/library/psa_crypto_ecp.c" TARGET_DIRECTORY mbedcrypto
    PROPERTIES COMPILE_DEFINITIONS mbedtls_ecp_mul=psa_ecp_mul)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    target_sources(mbedcrypto PRIVATE "${ours}/gcm_alt.c" "${ours}/gcm_portable.c")
    set_source_files_properties("${ours}/gcm_alt.c" TARGET_DIRECTORY mbedcrypto PROPERTIES COMPILE_OPTIONS -std=gnu17)
  endif()
endfunction()
cmake_language(DEFER CALL recordd_mbedtls_sources)
