#include "engine/store/linked_file.hpp"

#include <sqlite3.h>

#include <cstddef>

#include "engine/store/find_vfs.hpp"

namespace landfall::store {
namespace {

// Without links; empty when the VFS takes no such path, which opening then says.
std::string full_path(sqlite3_vfs* vfs, const std::string& path) {
  std::string full(static_cast<std::size_t>(vfs->mxPathname) + 1, '\0');
  const int code = vfs->xFullPathname(vfs, path.c_str(), vfs->mxPathname, full.data());
  if ((code & 0xff) != SQLITE_OK) return {};
  return full.substr(0, full.find('\0'));
}

}  // namespace

Status refuse_link(const std::string& path, const std::string& vfs_name) {
  sqlite3_vfs* vfs = find_vfs(vfs_name);
  const std::size_t slash = path.rfind('/');
  if (vfs == nullptr || slash == std::string::npos || slash == 0) return {};
  const std::string directory = full_path(vfs, path.substr(0, slash));
  const std::string file = full_path(vfs, path);
  if (directory.empty() || file.empty() || file == directory + path.substr(slash)) return {};
  return failure(ErrorClass::refused, "store.unavailable",
                 "opening the database: the file is a link to another one");
}

}  // namespace landfall::store
