# What every target of the project is compiled with. `landfall_flags` carries it; third-party
# headers are system headers.
include(CheckPIESupported)
check_pie_supported()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

# Assertions stay on in release: CMake's default release flags would define NDEBUG.
foreach(_language C CXX)
  foreach(_type RELEASE RELWITHDEBINFO MINSIZEREL)
    set(_flags CMAKE_${_language}_FLAGS_${_type})
    string(REGEX REPLACE "[-/]DNDEBUG" "" ${_flags} "${${_flags}}")
  endforeach()
endforeach()

add_library(landfall_flags INTERFACE)
target_compile_features(landfall_flags INTERFACE cxx_std_20)
target_include_directories(landfall_flags INTERFACE "${PROJECT_SOURCE_DIR}")

target_compile_options(landfall_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-qual -Wformat=2 -Wundef
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi>
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>
  # GCC 12 reports these inside inlined library code that is correct, and more often under the
  # sanitizers.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow -Wno-stringop-overread>
  # An aggregate message names the fields it cares about; the others have defaults.
  -Wno-missing-field-initializers)
if(LANDFALL_WERROR)
  target_compile_options(landfall_flags INTERFACE -Werror)
endif()

if(LANDFALL_HARDENING)
  target_compile_options(landfall_flags INTERFACE
    -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  target_link_options(landfall_flags INTERFACE -Wl,-z,relro,-z,now)
endif()

if(LANDFALL_SANITIZE)
  set(_sanitize "-fsanitize=${LANDFALL_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(landfall_flags INTERFACE ${_sanitize})
  target_link_options(landfall_flags INTERFACE ${_sanitize})
endif()

if(LANDFALL_MUTANTS)
  target_compile_definitions(landfall_flags INTERFACE LANDFALL_MUTANTS=1)
endif()
