#include "tests/bench/library_size.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include <elf.h>
#include <link.h>

namespace landfall::bench {
namespace {

constexpr double kBytesPerMb = 1'000'000;
// As the dynamic linker has loaded them into this program.
constexpr std::array<std::string_view, 8> kOthers = {"libcaf_core", "libsqlite3", "libsodium",
                                                     "libsimdjson", "libdeflate", "liblz4",
                                                     "libnghttp2",  "libutf8proc"};

template <class T>
T read_at(std::ifstream& file, std::uint64_t offset) {
  T value{};
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(reinterpret_cast<char*>(&value), sizeof value);
  return value;
}

// The end of what is loaded: names and debug information stand behind it.
double stripped_mb(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const auto header = read_at<ElfW(Ehdr)>(file, 0);
  std::uint64_t end = 0;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto part = read_at<ElfW(Phdr)>(file, header.e_phoff + i * sizeof(ElfW(Phdr)));
    if (part.p_type == PT_LOAD) end = std::max<std::uint64_t>(end, part.p_offset + part.p_filesz);
  }
  if (!file || end == 0) throw std::runtime_error(path + " is no library");
  return static_cast<double>(end) / kBytesPerMb;
}

int add_loaded(dl_phdr_info* library, std::size_t, void* to) {
  const std::string path = library->dlpi_name;
  const std::string name = std::filesystem::path(path).filename().string();
  const bool counts = std::any_of(kOthers.begin(), kOthers.end(),
                                  [&](std::string_view other) { return name.starts_with(other); });
  if (counts) static_cast<std::vector<std::string>*>(to)->push_back(path);
  return 0;
}

}  // namespace

std::vector<LibrarySize> library_sizes() {
  std::vector<std::string> paths = {LANDFALL_SHARED_LIBRARY};
  (void)::dl_iterate_phdr(add_loaded, &paths);
  std::vector<LibrarySize> sizes;
  for (const auto& path : paths)
    sizes.push_back({std::filesystem::path(path).filename().string(), stripped_mb(path)});
  return sizes;
}

}  // namespace landfall::bench
