#pragma once

#include "engine/store/files.hpp"

namespace landfall::world {

class MemoryDisk;

// The engine's way to whole files of a simulated disk. A change counts as one I/O, at which a crash
// can be armed, and is on the medium when it returns. Directories are prefixes of names.
class MemoryFiles final : public store::Files {
 public:
  explicit MemoryFiles(MemoryDisk& disk) noexcept : disk_(disk) {}

  Status fill(const std::string& path, std::int64_t bytes) override;
  std::optional<std::int64_t> size_of(const std::string& path) override;
  Status remove(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status make_directory(const std::string& path) override;
  std::vector<std::string> list(const std::string& directory) override;
  std::int64_t free_bytes(const std::string& directory) override;

 private:
  MemoryDisk& disk_;
};

}  // namespace landfall::world
