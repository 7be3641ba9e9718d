# landfall_layer(<name> <folder> [LINK <targets>] [EXCLUDE <subfolders>] [GENERATED <sources>])
#
# Makes the library landfall_<name> of every source in <folder>. While the folder has no source the
# library is an interface, so that the layers above it build from the first header on. New files are
# found without an edit here.
function(landfall_layer name folder)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "LINK;EXCLUDE;GENERATED")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  foreach(excluded IN LISTS arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "^${PROJECT_SOURCE_DIR}/${folder}/${excluded}/")
  endforeach()
  list(APPEND sources ${arg_GENERATED})
  if(sources)
    add_library(landfall_${name} STATIC ${sources})
  else()
    add_library(landfall_${name} INTERFACE)
  endif()
  landfall_link(${name} landfall_flags ${arg_LINK})
endfunction()

# landfall_link(<name> <targets>): links targets into a layer and into everything that uses it.
function(landfall_link name)
  get_target_property(type landfall_${name} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    target_link_libraries(landfall_${name} INTERFACE ${ARGN})
  else()
    target_link_libraries(landfall_${name} PUBLIC ${ARGN})
  endif()
endfunction()

# landfall_executable(<target> <folder> LINK <targets>): skipped while the folder has no source.
function(landfall_executable target folder)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "LINK")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  if(sources)
    add_executable(${target} ${sources})
    target_link_libraries(${target} PRIVATE ${arg_LINK} landfall_flags)
  else()
    message(STATUS "${target}: no source in ${folder} yet")
  endif()
endfunction()
