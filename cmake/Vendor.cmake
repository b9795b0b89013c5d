# Builds the libraries of vendor/ into build/vendor/prefix, shared by all presets and build folders of a
# checkout, unless what is there was made from the same lock and recipes.
#
# With RECORDD_SYSTEM_LIBS some are built all the same, into build/vendor-few. QUIC needs them as they are in vendor/:
# Mbed TLS static, so that the linker can wrap what is inside of it, and configured as recordd_mbedtls_config.h says;
# the half of ngtcp2's crypto helper that no distribution ships by itself; nghttp3 as new as in the lock.
set(few)
set(vendor_folder vendor)
if(RECORDD_SYSTEM_LIBS)
  set(few "mbedtls|ipsecmb|ngtcp2|nghttp3")
  set(vendor_folder vendor-few)
endif()
set(RECORDD_VENDOR_DIR "${PROJECT_SOURCE_DIR}/build/${vendor_folder}" CACHE PATH "Where the vendored libraries are built")
set(RECORDD_VENDOR_PREFIX "${RECORDD_VENDOR_DIR}/prefix")

# vendor/ as links in a folder of its own, with only those rows of the lock.
function(recordd_vendor_few vendor folder)
  file(MAKE_DIRECTORY "${folder}")
  foreach(name fetch apply-debian-patches CMakeLists.txt recipes mbedtls cache)
    file(CREATE_LINK "${vendor}/${name}" "${folder}/${name}" SYMBOLIC)
  endforeach()
  file(STRINGS "${vendor}/lock" rows REGEX "^(${few})[? ]")
  list(JOIN rows "\n" rows)
  file(WRITE "${folder}/lock" "${rows}\n")
endfunction()

function(recordd_build_vendor)
  set(source "${PROJECT_SOURCE_DIR}/vendor")
  file(GLOB inputs CONFIGURE_DEPENDS "${source}/lock" "${source}/fetch" "${source}/apply-debian-patches"
    "${source}/CMakeLists.txt" "${source}/recipes/*.cmake" "${source}/mbedtls/*.[ch]" "${source}/mbedtls/*.cmake")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${inputs})
  set(wanted "")
  foreach(input IN LISTS inputs)
    file(SHA256 "${input}" hash)
    string(APPEND wanted "${hash}\n")
  endforeach()
  if(few)
    string(APPEND wanted "${few}\n")
  endif()

  set(stamp "${RECORDD_VENDOR_DIR}/stamp")
  file(MAKE_DIRECTORY "${RECORDD_VENDOR_DIR}")
  file(LOCK "${RECORDD_VENDOR_DIR}/lock" GUARD FUNCTION)  # two configures at once build it once
  if(EXISTS "${stamp}")
    file(READ "${stamp}" found)
    if(found STREQUAL wanted)
      return()
    endif()
    file(REMOVE_RECURSE "${RECORDD_VENDOR_DIR}/work")  # options of other recipes stay in its caches
  endif()

  message(STATUS "Building the libraries of vendor/ (once; about a minute)")
  file(REMOVE "${stamp}")
  if(few)
    recordd_vendor_few("${source}" "${RECORDD_VENDOR_DIR}/source")
    set(source "${RECORDD_VENDOR_DIR}/source")
  endif()
  execute_process(COMMAND_ERROR_IS_FATAL ANY
    COMMAND "${CMAKE_COMMAND}" -S "${source}" -B "${RECORDD_VENDOR_DIR}/work" -G Ninja
      "-DVENDOR_DIR=${RECORDD_VENDOR_DIR}" --log-level=WARNING)
  execute_process(COMMAND_ERROR_IS_FATAL ANY
    COMMAND "${CMAKE_COMMAND}" --build "${RECORDD_VENDOR_DIR}/work" -- --quiet)
  file(WRITE "${stamp}" "${wanted}")
endfunction()

recordd_build_vendor()
