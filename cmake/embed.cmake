# fg_embed_panel(TARGET): a library with the panel's files, compressed, in the program's read-only
# memory (server/http/assets.h). Node builds the panel and packs it; with FG_PANEL=OFF the table is
# empty and node is not needed.
function(fg_embed_panel target)
  set(out ${CMAKE_BINARY_DIR}/panel)
  if(NOT FG_PANEL)
    add_library(${target} STATIC ${CMAKE_SOURCE_DIR}/server/http/no_panel.c)
    target_link_libraries(${target} PRIVATE fg_flags)
    return()
  endif()

  find_program(NODE node REQUIRED)
  find_program(NPM npm REQUIRED)
  set(web ${CMAKE_SOURCE_DIR}/webroot)
  # CONFIGURE_DEPENDS: a new source file is seen by the next build.
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web}/src/*)

  # npm writes this file last: newer than the lock file, the installed packages are right for every
  # build directory.
  set(packages ${web}/node_modules/.package-lock.json)
  add_custom_command(OUTPUT ${packages}
    COMMAND sh -c "[ ${packages} -nt package-lock.json ] || ${NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error"
    COMMAND ${CMAKE_COMMAND} -E touch ${packages}
    DEPENDS ${web}/package-lock.json
    WORKING_DIRECTORY ${web}
    COMMENT "Installing the panel's build packages" VERBATIM)

  add_custom_command(OUTPUT ${out}/assets.c
    COMMAND ${CMAKE_COMMAND} -E make_directory ${out}
    COMMAND ${CMAKE_COMMAND} -E env FG_DIST=${out}/dist ${NODE} build.mjs
    COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/cmake/embed.mjs ${out}/dist ${out}
    DEPENDS ${packages} ${sources} ${web}/build.mjs ${CMAKE_SOURCE_DIR}/cmake/embed.mjs
    WORKING_DIRECTORY ${web}
    COMMENT "Building and packing the panel" VERBATIM)

  add_library(${target} STATIC ${out}/assets.c)
  target_link_libraries(${target} PRIVATE fg_flags)
endfunction()
