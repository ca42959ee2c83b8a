# Warnings and hardening for our own code, as an interface target that every target of ours links.
add_library(fg_flags INTERFACE)
target_include_directories(fg_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(fg_flags INTERFACE _GNU_SOURCE)
target_compile_options(fg_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror
  -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual
  -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wconversion -Wno-sign-conversion
  -Wimplicit-fallthrough -Wold-style-definition -Wredundant-decls -Wnested-externs
  -fno-common -fstack-protector-strong -fno-strict-overflow)
target_link_options(fg_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  # Only gcc knows these.
  target_compile_options(fg_flags INTERFACE -Wduplicated-cond -Wlogical-op -Wjump-misses-init
    -fstack-clash-protection)
else()
  # clang builds the fuzz targets only; gcc judges the code. clang sees through OpenSSL's macros (casts
  # that drop const) and wants every field of a row.
  target_compile_options(fg_flags INTERFACE -Wno-cast-qual -Wno-missing-field-initializers
    -Wno-unknown-warning-option)
endif()

if(FG_SANITIZE)
  target_compile_options(fg_flags INTERFACE -fsanitize=${FG_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(fg_flags INTERFACE -fsanitize=${FG_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  # Fortify needs optimisation; with sanitizers it hides what they would find.
  target_compile_options(fg_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
if(FG_FUZZ)
  target_compile_options(fg_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
set(CMAKE_EXE_LINKER_FLAGS "${CMAKE_EXE_LINKER_FLAGS} -pie")
