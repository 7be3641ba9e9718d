# Turns the files of schema/ into one C++ source that implements schema/embedded.hpp.
#
#   cmake -DSCHEMA_DIR=… -DOUTPUT=… -P EmbedSchema.cmake

# landfall_ordered_migrations(<folder> <variable>): the migrations of a folder in the order of their
# versions. Versions start at one and have no gap; anything else is an error, because an update that
# skips a version would never be applied.
function(landfall_ordered_migrations folder variable)
  file(GLOB files "${folder}/*.sql")
  list(SORT files COMPARE NATURAL)
  set(expected 1)
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME)
    if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+\\.sql$")
      message(FATAL_ERROR "${file}: a migration is named like 0001_initial.sql")
    endif()
    string(REGEX REPLACE "^0*([0-9]+)$" "\\1" version "${CMAKE_MATCH_1}")
    if(NOT version EQUAL expected)
      message(FATAL_ERROR "${file}: expected version ${expected} here; versions start at 1, "
        "without gaps or repetitions")
    endif()
    math(EXPR expected "${expected} + 1")
  endforeach()
  set(${variable} "${files}" PARENT_SCOPE)
endfunction()

# landfall_literal(<file> <variable>): the text of a file as a raw string literal.
function(landfall_literal file variable)
  file(READ "${file}" text)
  if(text MATCHES "\\)landfall\"")
    message(FATAL_ERROR "${file}: contains the delimiter of the embedded literal")
  endif()
  set(${variable} "R\"landfall(${text})landfall\"" PARENT_SCOPE)
endfunction()

function(landfall_migration_table folder name variable)
  landfall_ordered_migrations("${folder}" files)
  set(rows "")
  set(version 0)
  foreach(file IN LISTS files)
    math(EXPR version "${version} + 1")
    get_filename_component(stem "${file}" NAME_WE)
    landfall_literal("${file}" literal)
    string(APPEND rows "    Migration{${version}, \"${stem}\", ${literal}},\n")
  endforeach()
  set(${variable} "const std::array<Migration, ${version}> ${name}{{\n${rows}}};\n" PARENT_SCOPE)
endfunction()

function(landfall_embed_schema schema_dir output)
  landfall_migration_table("${schema_dir}/sql/device" kDeviceMigrations device)
  landfall_migration_table("${schema_dir}/sql/partition" kPartitionMigrations partition)

  file(GLOB profiles "${schema_dir}/profiles/*.json")
  list(SORT profiles)
  set(names "")
  set(texts "")
  list(LENGTH profiles count)
  foreach(file IN LISTS profiles)
    get_filename_component(stem "${file}" NAME_WE)
    landfall_literal("${file}" literal)
    string(APPEND names "    \"${stem}\",\n")
    string(APPEND texts "    ${literal},\n")
  endforeach()

  set(api "\"\"")
  if(EXISTS "${schema_dir}/api.json")
    landfall_literal("${schema_dir}/api.json" api)
  endif()

  file(WRITE "${output}" "// Generated from schema/ by cmake/EmbedSchema.cmake.
#include \"schema/embedded.hpp\"

#include <array>
#include <cstddef>

namespace landfall::schema {
namespace {

${device}
${partition}
const std::array<std::string_view, ${count}> kProfileNames{{
${names}}};

const std::array<std::string_view, ${count}> kProfileTexts{{
${texts}}};

constexpr std::string_view kApiJson = ${api};

}  // namespace

std::span<const Migration> device_migrations() { return kDeviceMigrations; }

std::span<const Migration> partition_migrations() { return kPartitionMigrations; }

std::span<const std::string_view> profile_names() { return kProfileNames; }

std::optional<std::string_view> profile(std::string_view name) {
  for (std::size_t i = 0; i < kProfileNames.size(); ++i) {
    if (kProfileNames[i] == name) return kProfileTexts[i];
  }
  return std::nullopt;
}

std::string_view api_json() { return kApiJson; }

}  // namespace landfall::schema
")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  cmake_policy(VERSION 3.25)
  landfall_embed_schema("${SCHEMA_DIR}" "${OUTPUT}")
endif()
