#pragma once

#include <sqlite3.h>

#include <string>

namespace landfall::store {

// Every page of a database carries a checksum in its last bytes, which SQLite reserves for this
// (kPageChecksumBytes). SQLite itself would hand out a page in which a bit has changed; with a
// checksum it answers SQLITE_IOERR_DATA before anybody uses it (INV-S4). Free pages are
// written too (secure_delete), so that every page has one.
//
// This is a VFS over another one, under a name of its own for as long as it lives; every connection
// that was opened through it is closed before it goes. Only database files are looked at: the log
// has checksums of SQLite's. Any thread.
class PageChecksums final {
 public:
  // all_but_the_first is for a salvage: it needs the schema that stands on the first page, and what
  // is left of a file that was cut, which then seems as long as it says that it is.
  enum class Verify { every_page, all_but_the_first };

  // `base` names a registered VFS; an unknown one is found out when a file is opened.
  explicit PageChecksums(const std::string& base, Verify verify = Verify::every_page);
  ~PageChecksums();
  PageChecksums(const PageChecksums&) = delete;
  PageChecksums& operator=(const PageChecksums&) = delete;

  [[nodiscard]] const std::string& vfs_name() const noexcept { return name_; }

 private:
  struct File;
  struct Methods;

  sqlite3_vfs* base_;
  Verify verify_;
  std::string name_;
  sqlite3_vfs vfs_{};
};

inline constexpr int kPageChecksumBytes = 8;

// Whether this is a database that was written before pages carried checksums (`add_checksums` gives
// it some). One with checksums whose header is damaged is none, and neither is a file that is not
// there, is empty or no database. `vfs` is the one below PageChecksums. Reads a few pages; nobody
// has the file open.
[[nodiscard]] bool lacks_checksums(const std::string& path, const std::string& vfs);

}  // namespace landfall::store
