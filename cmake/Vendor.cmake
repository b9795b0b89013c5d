# Builds the libraries of vendor/ into build/vendor/prefix, shared by all presets and build folders of a
# checkout, unless what is there was made from the same lock and recipes.
set(RECORDD_VENDOR_DIR "${PROJECT_SOURCE_DIR}/build/vendor" CACHE PATH "Where the vendored libraries are built")
set(RECORDD_VENDOR_PREFIX "${RECORDD_VENDOR_DIR}/prefix")

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

  set(stamp "${RECORDD_VENDOR_DIR}/stamp")
  file(MAKE_DIRECTORY "${RECORDD_VENDOR_DIR}")
  file(LOCK "${RECORDD_VENDOR_DIR}/lock" GUARD FUNCTION)  # two configures at once build it once
  if(EXISTS "${stamp}")
    file(READ "${stamp}" found)
    if(found STREQUAL wanted)
      return()
    endif()
  endif()

  message(STATUS "Building the libraries of vendor/ (once; about a minute)")
  file(REMOVE "${stamp}")
  execute_process(COMMAND_ERROR_IS_FATAL ANY
    COMMAND "${CMAKE_COMMAND}" -S "${source}" -B "${RECORDD_VENDOR_DIR}/work" -G Ninja
      "-DVENDOR_DIR=${RECORDD_VENDOR_DIR}" --log-level=WARNING)
  execute_process(COMMAND_ERROR_IS_FATAL ANY
    COMMAND "${CMAKE_COMMAND}" --build "${RECORDD_VENDOR_DIR}/work" -- --quiet)
  file(WRITE "${stamp}" "${wanted}")
endfunction()

if(NOT RECORDD_SYSTEM_LIBS)
  recordd_build_vendor()
endif()
