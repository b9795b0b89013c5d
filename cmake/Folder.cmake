# recordd_folder(NAME [ON folder…] [USES dep…] [GENERATED file…])
# The static library recordd_NAME of all .c files in src/NAME, on top of the folders of the floors below and
# using libraries from outside (dep_*, cmake/Dependencies.cmake). All of that reaches the floors above too.
function(recordd_folder name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "ON;USES;GENERATED")
  list(TRANSFORM arg_ON PREPEND recordd_)
  list(TRANSFORM arg_USES PREPEND dep_)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${name}/*.c")

  if(sources OR arg_GENERATED)
    add_library(recordd_${name} STATIC ${sources} ${arg_GENERATED})
    add_dependencies(recordd_${name} recordd_version)
    target_link_libraries(recordd_${name} PRIVATE recordd_flags PUBLIC ${arg_ON} ${arg_USES})
  else()
    add_library(recordd_${name} INTERFACE)
    target_link_libraries(recordd_${name} INTERFACE ${arg_ON} ${arg_USES})
  endif()
endfunction()
