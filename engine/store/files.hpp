#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"

namespace landfall::store {

// What the engine does to whole files of its directory, beside what SQLite reads and writes. A name
// that was changed is on the medium before a call returns. Errors of all: store.io, storage.full,
// directory.unwritable. Any thread, one at a time for a path.
class Files {
 public:
  virtual ~Files() = default;

  // Makes or replaces a file of that size whose bytes really take room on the medium. storage.full:
  // there is no such room, and no file either.
  [[nodiscard]] virtual Status fill(const std::string& path, std::int64_t bytes) = 0;
  // Its size; nothing when there is no such file.
  [[nodiscard]] virtual std::optional<std::int64_t> size_of(const std::string& path) = 0;
  // No error when there is no such file; that it is gone is on the medium then as well, whoever
  // removed it.
  [[nodiscard]] virtual Status remove(const std::string& path) = 0;
  // Within one file system; replaces what had the new name.
  [[nodiscard]] virtual Status rename(const std::string& from, const std::string& to) = 0;
  // With what is missing above it; no error when it is there.
  [[nodiscard]] virtual Status make_directory(const std::string& path) = 0;
  // Names of the files in it, in order; none when there is no such directory.
  [[nodiscard]] virtual std::vector<std::string> list(const std::string& directory) = 0;
  // Bytes that this program may still write there; zero when nobody can tell.
  [[nodiscard]] virtual std::int64_t free_bytes(const std::string& directory) = 0;
};

// The files of the system that the program runs on.
[[nodiscard]] Files& system_files() noexcept;

}  // namespace landfall::store
