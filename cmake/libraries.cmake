# The libraries of Debian 12 the program stands on; README.md gives the reason for each.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET openssl)
pkg_check_modules(EXPAT REQUIRED IMPORTED_TARGET expat)
pkg_check_modules(LIBRE REQUIRED IMPORTED_TARGET libre)
pkg_check_modules(IDN REQUIRED IMPORTED_TARGET libidn)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(MHD REQUIRED IMPORTED_TARGET libmicrohttpd)
pkg_check_modules(GNUTLS REQUIRED IMPORTED_TARGET gnutls)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(ARGON2 REQUIRED IMPORTED_TARGET libargon2)

# libev ships no pkg-config file in Debian. Besides its own functions it carries an imitation of
# libevent, whose names would take the place of the real libevent that libunbound runs on (and crash
# it). So we link libev's archive without that part.
find_library(EV_ARCHIVE libev.a REQUIRED)
set(EV_CORE ${CMAKE_BINARY_DIR}/libev/libev.a)
if(NOT EXISTS ${EV_CORE})
  file(COPY ${EV_ARCHIVE} DESTINATION ${CMAKE_BINARY_DIR}/libev)
  execute_process(COMMAND ${CMAKE_AR} d ${EV_CORE} event.o COMMAND_ERROR_IS_FATAL ANY)
endif()
add_library(fg_ev INTERFACE)
target_link_libraries(fg_ev INTERFACE ${EV_CORE} m)

# libre's headers need these definitions (its pkg-config file does not say so); they are not ours to
# warn about.
add_library(fg_libre INTERFACE)
target_link_libraries(fg_libre INTERFACE PkgConfig::LIBRE)
target_include_directories(fg_libre SYSTEM INTERFACE /usr/include/re)
target_compile_definitions(fg_libre INTERFACE HAVE_INTTYPES_H HAVE_STDBOOL_H HAVE_INET6 USE_OPENSSL=1)

# Debian's pkg-config file of libunbound asks for libevent's, which only its event API needs.
find_library(UNBOUND_LIBRARY unbound REQUIRED)
add_library(PkgConfig::UNBOUND INTERFACE IMPORTED)
target_link_libraries(PkgConfig::UNBOUND INTERFACE ${UNBOUND_LIBRARY})
