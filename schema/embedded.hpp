#pragma once

#include <optional>
#include <span>
#include <string_view>

// The files of schema/ as they were when the library was built: an installed app carries its own
// migrations, profiles and interface description and reads none of them from disk. Everything
// returned here lives as long as the process. The functions may be called from any thread.
namespace landfall::schema {

// One forward-only step of a database file.
struct Migration {
  int version = 0;        // 1, 2, 3, … without gaps (checked when the build is configured)
  std::string_view name;  // the file's name without its ending: "0001_initial"
  std::string_view sql;
};

// The steps of `device.db` and of a partition's file, ordered by version.
[[nodiscard]] std::span<const Migration> device_migrations();
[[nodiscard]] std::span<const Migration> partition_migrations();

// The JSON text of a profile by its file name without the ending ("prokure"); empty when there is
// none of that name.
[[nodiscard]] std::optional<std::string_view> profile(std::string_view name);

// The names of all embedded profiles, sorted.
[[nodiscard]] std::span<const std::string_view> profile_names();

// The JSON text of the typed host interface; empty while the project has none.
[[nodiscard]] std::string_view api_json();

}  // namespace landfall::schema
