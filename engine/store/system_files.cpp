#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "engine/base/random.hpp"
#include "engine/store/directory_lock.hpp"
#include "engine/store/files.hpp"

namespace landfall::store {
namespace {

class Descriptor final {
 public:
  Descriptor(const std::string& path, int flags) {
    do {
      number_ = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    } while (number_ < 0 && errno == EINTR);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_ = -1;
};

Error error_of(const char* doing, int number) {
  const std::string message = std::string(doing) + ": " + std::generic_category().message(number);
  if (number == ENOSPC || number == EDQUOT)
    return {ErrorClass::storage_full, "storage.full", message};
  if (number == EACCES || number == EPERM || number == EROFS)
    return {ErrorClass::refused, "directory.unwritable", message};
  return {ErrorClass::internal, "store.io", message};
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

Status sync_directory_of(const std::string& path) {
  const Descriptor directory(directory_of(path), O_RDONLY | O_DIRECTORY);
  if (directory.is_open() && ::fsync(directory.number()) == 0) return {};
  return failure(error_of("syncing a directory", errno));
}

// Bytes that no file system folds away, as it would zeros.
Status write_noise(int descriptor, std::int64_t bytes) {
  Random random(static_cast<std::uint64_t>(bytes));
  std::array<std::uint64_t, 8'192> block;
  std::generate(block.begin(), block.end(), [&] { return random.next(); });
  while (bytes > 0) {
    const auto size = static_cast<std::size_t>(std::min<std::int64_t>(bytes, sizeof block));
    const ssize_t written = ::write(descriptor, block.data(), size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failure(error_of("filling a file", written == 0 ? ENOSPC : errno));
    bytes -= written;
    ++block[0];
  }
  if (::fsync(descriptor) != 0) return failure(error_of("filling a file", errno));
  return {};
}

class SystemFiles final : public Files {
 public:
  Status fill(const std::string& path, std::int64_t bytes) override {
    Status filled;
    {
      const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
      if (!file.is_open()) return failure(error_of("making a file", errno));
      filled = write_noise(file.number(), bytes);
    }
    if (filled) return sync_directory_of(path);
    (void)::unlink(path.c_str());
    return filled;
  }

  std::optional<std::int64_t> size_of(const std::string& path) override {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return static_cast<std::int64_t>(status.st_size);
  }

  Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      return failure(error_of("removing a file", errno));
    return is_directory(directory_of(path)) ? sync_directory_of(path) : Status{};
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failure(error_of("renaming a file", errno));
    LANDFALL_TRY(sync_directory_of(to));
    return directory_of(from) == directory_of(to) ? Status{} : sync_directory_of(from);
  }

  Status make_directory(const std::string& path) override {
    LANDFALL_TRY(create_directory(path));
    return sync_directory_of(path);
  }

  std::vector<std::string> list(const std::string& directory) override {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->is_regular_file(error)) names.push_back(entry->path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::int64_t free_bytes(const std::string& directory) override {
    struct statvfs status {};
    if (::statvfs(directory.c_str(), &status) != 0) return 0;
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const auto blocks = static_cast<std::uint64_t>(status.f_bavail);
    const auto size = static_cast<std::uint64_t>(status.f_frsize);
    if (size == 0 || blocks > kMost / size) return size == 0 ? 0 : std::int64_t{kMost};
    return static_cast<std::int64_t>(blocks * size);
  }
};

}  // namespace

Files& system_files() noexcept {
  static SystemFiles files;
  return files;
}

}  // namespace landfall::store
