# Parsing the standard library, nlohmann/json, CAF and Catch2 again for each source is half of a
# build without optimisation, and much of one with it. With LANDFALL_PCH, which the presets `dev`
# and `release` set, each target parses them once. The preset `clang` goes without, so that a source
# that leans on an include of the precompiled header is found.
option(LANDFALL_PCH "Parse large headers of others once a target" OFF)

# Clang is not told to read the text once more, whose absolute path ccache would take for another
# compilation in each checkout; what was precompiled holds it.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -Xclang -include-pch -Xclang <PCH_FILE>)
endif()

set(LANDFALL_PCH_BASE
  <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <string>
  <string_view> <utility> <variant> <vector> <nlohmann/json.hpp> <tl/expected.hpp>)

# landfall_precompile(<target> [<headers>]): these headers, which are not the project's own, beside
# the ones that every target reads.
function(landfall_precompile target)
  if(NOT LANDFALL_PCH OR NOT TARGET ${target})
    return()
  endif()
  set(headers "")
  foreach(header IN LISTS LANDFALL_PCH_BASE ARGN)
    string(REPLACE ">" "$<ANGLE-R>" header "${header}")
    list(APPEND headers "$<$<COMPILE_LANGUAGE:CXX>:${header}>")
  endforeach()
  target_precompile_headers(${target} PRIVATE ${headers})
  # What ccache takes for the contents, which hold paths of this checkout: with it several checkouts
  # share one cache. A new version of a package makes other objects.
  get_target_property(directory ${target} BINARY_DIR)
  set(sum "${CMAKE_CXX_COMPILER_VERSION} ${nlohmann_json_VERSION} ${CAF_VERSION} ${Catch2_VERSION}")
  string(APPEND sum " ${tl-expected_VERSION} ${LANDFALL_PCH_BASE} ${ARGN}")
  foreach(extension pch gch)
    file(CONFIGURE
      OUTPUT "${directory}/CMakeFiles/${target}.dir/cmake_pch.hxx.${extension}.sum"
      CONTENT "${sum}\n")
  endforeach()
  # A precompiled header that was taken from a cache is as good as one that was made here.
  target_compile_options(${target} PRIVATE
    "$<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-Xclang -fno-pch-timestamp>")
endfunction()
