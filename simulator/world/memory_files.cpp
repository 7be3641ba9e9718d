#include "simulator/world/memory_files.hpp"

#include <algorithm>
#include <limits>

#include "simulator/world/memory_disk.hpp"

namespace landfall::world {
namespace {

Status status_of(IoStatus status, const char* doing) {
  if (status == IoStatus::ok) return {};
  if (status == IoStatus::full) return failure(ErrorClass::storage_full, "storage.full", doing);
  return failure(ErrorClass::internal, "store.io", doing);
}

}  // namespace

Status MemoryFiles::fill(const std::string& path, std::int64_t bytes) {
  return status_of(disk_.fill_file(path, static_cast<std::size_t>(bytes)), "filling a file");
}

std::optional<std::int64_t> MemoryFiles::size_of(const std::string& path) {
  const auto size = disk_.file_size(path);
  if (disk_.is_dead() || !size) return std::nullopt;
  return static_cast<std::int64_t>(*size);
}

Status MemoryFiles::remove(const std::string& path) {
  return status_of(disk_.remove(path, true), "removing a file");
}

Status MemoryFiles::rename(const std::string& from, const std::string& to) {
  return status_of(disk_.rename(from, to), "renaming a file");
}

Status MemoryFiles::make_directory(const std::string&) {
  return status_of(disk_.is_dead() ? IoStatus::dead : IoStatus::ok, "making a directory");
}

std::vector<std::string> MemoryFiles::list(const std::string& directory) {
  const std::string prefix = directory + "/";
  std::vector<std::string> names;
  for (const auto& name : disk_.list_files()) {
    if (name.starts_with(prefix) && name.find('/', prefix.size()) == std::string::npos)
      names.push_back(name.substr(prefix.size()));
  }
  return names;
}

std::int64_t MemoryFiles::free_bytes(const std::string&) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(disk_.free_bytes(), kMost));
}

}  // namespace landfall::world
