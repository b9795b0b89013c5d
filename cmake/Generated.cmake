# What is generated into <build>/gen, which is on every include path:
#   version.h                    RECORDD_VERSION, RECORDD_GIT_REV
#   vendor_licenses.{h,c}        what is linked, for `recordd version --licenses`
#   store_statements.{h,c}, store_migrations.{h,c}   from src/store/**.sql by tools/host/sqlgen.c
#   proto/**.pb-c.{h,c}, proto_files.pb              from proto/** by protoc-c of protobuf-c
#   web_assets.{h,c,S}           from src/web by tools/web (Vite) and tools/host/assetgen.c
set(gen "${PROJECT_BINARY_DIR}/gen")
file(MAKE_DIRECTORY "${gen}")

# recordd_host_tool(NAME [USES dep…]): compiles tools/host/NAME.c, a program that runs while building.
function(recordd_host_tool name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES")
  add_executable(${name} "${PROJECT_SOURCE_DIR}/tools/host/${name}.c")
  target_compile_definitions(${name} PRIVATE _GNU_SOURCE)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_compile_options(${name} PRIVATE -Wall -Wextra)
  list(TRANSFORM arg_USES PREPEND dep_)
  target_link_libraries(${name} PRIVATE ${arg_USES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/host")
endfunction()

# ---- the revision is read at each build, the header rewritten only when it has changed --------------
set(version_command "${CMAKE_COMMAND}" "-DVERSION=${PROJECT_VERSION}" "-DSOURCE=${PROJECT_SOURCE_DIR}"
  "-DHEADER=${gen}/version.h" -P "${PROJECT_SOURCE_DIR}/cmake/WriteVersion.cmake")
execute_process(COMMAND ${version_command})
add_custom_target(recordd_version COMMAND ${version_command} BYPRODUCTS "${gen}/version.h"
  COMMENT "" VERBATIM)

# ---- licences ---------------------------------------------------------------------------------------
set(RECORDD_LICENSE_ROWS "")
foreach(row IN LISTS RECORDD_LICENSES)
  string(REPLACE "|" "\", \"" row "${row}")
  string(APPEND RECORDD_LICENSE_ROWS "    {\"${row}\"},\n")
endforeach()
configure_file(cmake/vendor_licenses.h.in "${gen}/vendor_licenses.h" @ONLY)
configure_file(cmake/vendor_licenses.c.in "${gen}/vendor_licenses.c" @ONLY)
add_library(recordd_build_info STATIC "${gen}/vendor_licenses.c")
target_include_directories(recordd_build_info PUBLIC "${gen}")
target_link_libraries(recordd_build_info PRIVATE recordd_flags)

# ---- SQL statements and migrations ------------------------------------------------------------------
set(RECORDD_STORE_GENERATED)
if(EXISTS "${PROJECT_SOURCE_DIR}/tools/host/sqlgen.c")
  recordd_host_tool(sqlgen)
  file(GLOB statements CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/store/*.sql")
  file(GLOB migrations CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/store/migrations/*.sql")
  list(APPEND RECORDD_STORE_GENERATED "${gen}/store_statements.c" "${gen}/store_migrations.c")
  add_custom_command(
    OUTPUT ${RECORDD_STORE_GENERATED} "${gen}/store_statements.h" "${gen}/store_migrations.h"
    COMMAND sqlgen "${gen}" ${statements} ${migrations}
    DEPENDS sqlgen ${statements} ${migrations}
    COMMENT "Compiling in the SQL of src/store" VERBATIM)
  list(APPEND RECORDD_STORE_GENERATED "${gen}/store_statements.h" "${gen}/store_migrations.h")
endif()

# ---- the web application's assets -------------------------------------------------------------------
set(RECORDD_WEB_GENERATED)
if(EXISTS "${PROJECT_SOURCE_DIR}/tools/host/assetgen.c")
  recordd_host_tool(assetgen USES zlib brotli)
  set(web "${PROJECT_SOURCE_DIR}/src/web")
  file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS "${web}/app/*" "${web}/public/*")
  list(APPEND web_sources "${web}/index.html" "${web}/package-lock.json" "${web}/tsconfig.json" "${web}/vite.config.ts")
  list(APPEND RECORDD_WEB_GENERATED "${gen}/web_assets.c" "${gen}/web_assets.S")
  add_custom_command(
    OUTPUT ${RECORDD_WEB_GENERATED} "${gen}/web_assets.h"
    COMMAND "${PROJECT_SOURCE_DIR}/tools/web"
    COMMAND assetgen "${gen}" "${PROJECT_SOURCE_DIR}/build/web"
    DEPENDS assetgen ${web_sources}
    COMMENT "Building and packing the web application" VERBATIM)
  list(APPEND RECORDD_WEB_GENERATED "${gen}/web_assets.h")
endif()

# ---- gRPC's messages ---------------------------------------------------------------------------------
# The library recordd_proto: protobuf-c's descriptors of all that is in proto/, and the files that are served as they
# went through the compiler (src/app/proto_files.h).
find_program(PROTOC_C protoc-c)
if(NOT PROTOC_C)
  message(FATAL_ERROR "protoc-c was not found. On Debian: apt install protobuf-c-compiler (or run tools/build, "
    "which installs what it needs).")
endif()
set(proto "${PROJECT_SOURCE_DIR}/proto")
file(GLOB_RECURSE proto_sources RELATIVE "${proto}" CONFIGURE_DEPENDS "${proto}/*.proto")
set(proto_served ${proto_sources})
list(REMOVE_ITEM proto_served listings.proto)
list(TRANSFORM proto_served PREPEND "${proto}/" OUTPUT_VARIABLE proto_paths)
# protobuf-c makes C of services too, which nobody here wants, and cannot of one that has a method Register: it gets to
# see the messages alone.
set(proto_generated)
set(proto_messages "${gen}/proto_messages")
set(proto_copies)
foreach(source IN LISTS proto_sources)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${proto}/${source}")
  file(READ "${proto}/${source}" text)
  string(REGEX REPLACE "\nservice [^}]*}" "" text "${text}")
  file(CONFIGURE OUTPUT "${proto_messages}/${source}" CONTENT "${text}" @ONLY)
  list(APPEND proto_copies "${proto_messages}/${source}")
  string(REGEX REPLACE "[.]proto$" ".pb-c.c" source "${source}")
  list(APPEND proto_generated "${gen}/proto/${source}")
  set_source_files_properties("${gen}/proto/${source}" PROPERTIES COMPILE_OPTIONS "-w")
endforeach()
file(MAKE_DIRECTORY "${gen}/proto")
add_custom_command(
  OUTPUT ${proto_generated}
  COMMAND "${PROTOC_C}" -I. "--c_out=${gen}/proto" ${proto_sources}
  DEPENDS ${proto_copies} WORKING_DIRECTORY "${proto_messages}"
  COMMENT "Generating descriptors of the messages in proto/" VERBATIM)
add_custom_command(
  OUTPUT "${gen}/proto_files.pb"
  COMMAND "${PROTOC_C}" -I. "--descriptor_set_out=${gen}/proto_files.pb" ${proto_served}
  DEPENDS ${proto_paths} WORKING_DIRECTORY "${proto}"
  COMMENT "Packing what is told of the services in proto/" VERBATIM)
file(CONFIGURE OUTPUT "${gen}/proto_files.S" CONTENT [[
.section .rodata
.balign 16
.global proto_files_begin, proto_files_end
proto_files_begin:
.incbin "@gen@/proto_files.pb"
proto_files_end:
.section .note.GNU-stack,"",%progbits
]] @ONLY)
set_source_files_properties("${gen}/proto_files.S" PROPERTIES OBJECT_DEPENDS "${gen}/proto_files.pb")
add_library(recordd_proto STATIC ${proto_generated} "${gen}/proto_files.S")
target_include_directories(recordd_proto SYSTEM PUBLIC "${gen}/proto")
target_link_libraries(recordd_proto PRIVATE recordd_flags PUBLIC dep_protobufc)
