#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace landfall::store {

// A plain file on the disk that the databases are on: through the VFS that they use, so that a
// simulated disk loses, tears and refuses these bytes as it does theirs. No lock is taken, and no
// lock of a database is touched. One thread at a time; the file is closed when it goes.
class VfsFile final {
 public:
  enum class Mode {
    read,  // it exists
    write  // it is made where it is missing
  };

  // `vfs` names a registered VFS; empty: "unix-excl". Errors:
  //   file.missing         (refused) there is none, or nothing that can be read
  //   directory.unwritable (refused), store.io, storage.full, store.unavailable
  [[nodiscard]] static Result<VfsFile> open(std::string_view vfs, std::string path, Mode mode);
  VfsFile(VfsFile&&) noexcept;
  VfsFile& operator=(VfsFile&&) noexcept;
  ~VfsFile();

  // Fills `into` as far as the file reaches and returns how much that was.
  [[nodiscard]] Result<std::size_t> read_at(std::int64_t offset, std::span<std::byte> into);
  // storage.full (storage_full) when the disk has no room.
  [[nodiscard]] Status write_at(std::int64_t offset, std::span<const std::byte> bytes);
  [[nodiscard]] Status truncate(std::int64_t size);
  // On the medium, and with it the name of a file that was made here.
  [[nodiscard]] Status sync();
  [[nodiscard]] Result<std::int64_t> size();

 private:
  struct Open;
  explicit VfsFile(std::unique_ptr<Open> open);
  std::unique_ptr<Open> open_;
};

// Gone from the medium too. Nothing to do when there is none.
[[nodiscard]] Status remove_file(std::string_view vfs, const std::string& path);

}  // namespace landfall::store
