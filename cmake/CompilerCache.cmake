# Uses ccache when it is installed. Paths below the source directory are hashed as relative ones, so
# that several checkouts of the project (worktrees, a fresh clone) share one cache.
find_program(LANDFALL_CCACHE ccache)
mark_as_advanced(LANDFALL_CCACHE)
if(LANDFALL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(_launcher "${CMAKE_COMMAND}" -E env
    "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_PCH_EXTSUM=1 CCACHE_DEPEND=1
    "${LANDFALL_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER ${_launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${_launcher})
endif()
