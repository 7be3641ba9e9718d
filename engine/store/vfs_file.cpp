#include "engine/store/vfs_file.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/store/find_vfs.hpp"
#include "engine/store/sqlite_error.hpp"

namespace landfall::store {
namespace {

// The kind of file that SQLite syncs together with its directory and never locks.
constexpr int kPlain = SQLITE_OPEN_SUPER_JOURNAL;

sqlite3_vfs* existing_vfs(std::string_view name) {
  const std::string text(name.empty() ? std::string_view("unix-excl") : name);
  sqlite3_vfs* vfs = find_vfs(text);
  LANDFALL_ASSERT(vfs != nullptr);
  return vfs;
}

// Opening a pipe or a device may wait for ever. Another disk than the machine's own has none.
bool may_be_opened(std::string_view vfs, const std::string& path) {
  if (!vfs.empty()) return true;
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

Error missing() { return {ErrorClass::refused, "file.missing", "the file cannot be read"}; }

}  // namespace

struct VfsFile::Open {
  explicit Open(std::string name, std::size_t size)
      : path(std::move(name)), bytes(std::make_unique<std::byte[]>(size)) {}
  ~Open() {
    if (file()->pMethods != nullptr) file()->pMethods->xClose(file());
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;

  [[nodiscard]] sqlite3_file* file() const { return reinterpret_cast<sqlite3_file*>(bytes.get()); }

  // SQLite keeps a pointer to it.
  std::string path;
  std::unique_ptr<std::byte[]> bytes;
};

VfsFile::VfsFile(std::unique_ptr<Open> open) : open_(std::move(open)) {}
VfsFile::VfsFile(VfsFile&&) noexcept = default;
VfsFile& VfsFile::operator=(VfsFile&&) noexcept = default;
VfsFile::~VfsFile() = default;

Result<VfsFile> VfsFile::open(std::string_view vfs, std::string path, Mode mode) {
  if (mode == Mode::read && !may_be_opened(vfs, path)) return failure(missing());
  sqlite3_vfs* disk = existing_vfs(vfs);
  auto opened = std::make_unique<Open>(std::move(path), static_cast<std::size_t>(disk->szOsFile));
  const int flags = kPlain | (mode == Mode::read ? SQLITE_OPEN_READONLY
                                                 : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  int out_flags = 0;
  const int code = disk->xOpen(disk, opened->path.c_str(), opened->file(), flags, &out_flags);
  if (code != SQLITE_OK) {
    if (mode == Mode::read && (code & 0xff) == SQLITE_CANTOPEN) return failure(missing());
    return failure(sqlite_error(code, nullptr, "opening a file"));
  }
  if (mode == Mode::write && (out_flags & SQLITE_OPEN_READONLY) != 0) {
    return failure(ErrorClass::refused, "directory.unwritable", "the file cannot be written");
  }
  return VfsFile(std::move(opened));
}

Result<std::size_t> VfsFile::read_at(std::int64_t offset, std::span<std::byte> into) {
  LANDFALL_ASSERT(into.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  LANDFALL_TRY_ASSIGN(const std::int64_t bytes, size());
  const std::int64_t there =
      std::clamp<std::int64_t>(bytes - offset, 0, static_cast<std::int64_t>(into.size()));
  if (there == 0) return std::size_t{0};
  sqlite3_file* file = open_->file();
  const int code = file->pMethods->xRead(file, into.data(), static_cast<int>(there), offset);
  if (code != SQLITE_OK) return failure(sqlite_error(code, nullptr, "reading a file"));
  return static_cast<std::size_t>(there);
}

Status VfsFile::write_at(std::int64_t offset, std::span<const std::byte> bytes) {
  LANDFALL_ASSERT(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  sqlite3_file* file = open_->file();
  const int code =
      file->pMethods->xWrite(file, bytes.data(), static_cast<int>(bytes.size()), offset);
  if (code != SQLITE_OK) return failure(sqlite_error(code, nullptr, "writing a file"));
  return {};
}

Status VfsFile::truncate(std::int64_t size) {
  sqlite3_file* file = open_->file();
  const int code = file->pMethods->xTruncate(file, size);
  if (code != SQLITE_OK) return failure(sqlite_error(code, nullptr, "cutting a file"));
  return {};
}

Status VfsFile::sync() {
  sqlite3_file* file = open_->file();
  const int code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
  if (code != SQLITE_OK) return failure(sqlite_error(code, nullptr, "syncing a file"));
  return {};
}

Result<std::int64_t> VfsFile::size() {
  sqlite3_file* file = open_->file();
  sqlite3_int64 bytes = 0;
  const int code = file->pMethods->xFileSize(file, &bytes);
  if (code != SQLITE_OK) return failure(sqlite_error(code, nullptr, "looking at a file"));
  return static_cast<std::int64_t>(bytes);
}

Status remove_file(std::string_view vfs, const std::string& path) {
  sqlite3_vfs* disk = existing_vfs(vfs);
  const int code = disk->xDelete(disk, path.c_str(), 1);
  if (code == SQLITE_OK || code == SQLITE_IOERR_DELETE_NOENT) return {};
  return failure(sqlite_error(code, nullptr, "removing a file"));
}

}  // namespace landfall::store
