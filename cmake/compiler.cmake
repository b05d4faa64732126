# Flags, linker and compiler cache, the same for every target.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # The precompiled header is only reused by ccache when it may look past its time stamps.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE_PROGRAM})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Woverloaded-virtual -Wcast-align -Wformat=2
                    -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside the standard library and Boost, where nothing is wrong.
  add_compile_options(-Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds
                      -Wno-restrict -Wno-dangling-pointer -fpch-preprocess)
endif()
if(IOT_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()
if(IOT_SANITIZE)
  add_compile_options(-fsanitize=${IOT_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${IOT_SANITIZE})
  if(IOT_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC warns that the thread sanitizer does not see fences. Asio has some, beside locks that it does see.
    add_compile_options(-Wno-tsan)
  endif()
endif()

# x86-64-v2 (SSE4.2, every server since 2009) is the floor; libraries that know better pick at run time.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_compile_options(-march=x86-64-v2)
endif()
