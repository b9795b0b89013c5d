# How our own code is compiled: the interface library recordd_flags, linked by every target of ours.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")  # without -DNDEBUG: impossible states are asserted in releases too
set(CMAKE_C_FLAGS_DEBUG "-Og -g")

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

add_library(recordd_flags INTERFACE)
target_include_directories(recordd_flags INTERFACE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_BINARY_DIR}/gen")
target_compile_definitions(recordd_flags INTERFACE _GNU_SOURCE)
target_link_libraries(recordd_flags INTERFACE Threads::Threads m)

target_compile_options(recordd_flags INTERFACE
  $<$<COMPILE_LANGUAGE:C>:-Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
    -Wformat=2 -Wundef -Werror=implicit-int -Werror=return-type>
  "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
if(RECORDD_WERROR)
  target_compile_options(recordd_flags INTERFACE -Werror)
endif()

if(RECORDD_HARDENED)
  target_compile_options(recordd_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fPIE)
  target_link_options(recordd_flags INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    target_compile_options(recordd_flags INTERFACE -fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
    target_compile_options(recordd_flags INTERFACE -mbranch-protection=standard)
  endif()
endif()

# Some of vendor/ carries GCC's intermediate code beside machine code: only who optimises across files wants it.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  target_link_options(recordd_flags INTERFACE -fno-use-linker-plugin)
endif()

if(RECORDD_SANITIZE)
  set(sanitize "-fsanitize=${RECORDD_SANITIZE}" -fno-omit-frame-pointer)
  if(RECORDD_SANITIZE MATCHES "undefined")
    list(APPEND sanitize -fno-sanitize-recover=undefined)
  endif()
  target_compile_options(recordd_flags INTERFACE ${sanitize})
  target_link_options(recordd_flags INTERFACE ${sanitize})
endif()
if(RECORDD_FUZZ)
  target_compile_options(recordd_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(RECORDD_COVERAGE)
  target_compile_options(recordd_flags INTERFACE --coverage)
  target_link_options(recordd_flags INTERFACE --coverage)
endif()
