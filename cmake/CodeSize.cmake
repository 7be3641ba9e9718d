include(CheckLinkerFlag)

# The library that phones carry is compiled for size, which makes a source of the project a half to
# a third of what it is for speed, but for the few sources in which the workloads of landfall-bench
# spend their time. The presets whose programs are measured or shipped set LANDFALL_SMALL.
option(LANDFALL_SMALL "Compile for size what no workload spends its time in" OFF)

# landfall_small(<target> [FAST <sources>]): compiles a layer for size, and those sources of it as
# the preset says. They go without the precompiled header, which GCC refuses to a source that is
# optimised in another way.
function(landfall_small target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FAST")
  if(NOT LANDFALL_SMALL)
    return()
  endif()
  target_compile_options(${target} PRIVATE -Os -ffunction-sections -fdata-sections)
  foreach(source IN LISTS arg_FAST)
    if(NOT EXISTS "${PROJECT_SOURCE_DIR}/${source}")
      message(FATAL_ERROR "landfall_small: there is no ${source}")
    endif()
  endforeach()
  set_source_files_properties(${arg_FAST} PROPERTIES
    COMPILE_OPTIONS -O2 SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# landfall_small_link(<target>): what nothing calls is left out of a shared library, and where it is
# to be moved by its address is written as a bitmap (glibc 2.36, Android 11) instead of 24 bytes a
# place.
function(landfall_small_link target)
  if(NOT LANDFALL_SMALL)
    return()
  endif()
  check_linker_flag(CXX -Wl,-z,pack-relative-relocs LANDFALL_PACKS_RELOCATIONS)
  target_link_options(${target} PRIVATE -Wl,--gc-sections
    $<$<BOOL:${LANDFALL_PACKS_RELOCATIONS}>:-Wl,-z,pack-relative-relocs>)
endfunction()
