#include "engine/store/find_vfs.hpp"

#include <sqlite3.h>

namespace landfall::store {

sqlite3_vfs* find_vfs(const std::string& name) {
  [[maybe_unused]] static const int set_up = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  return sqlite3_vfs_find(name.c_str());
}

}  // namespace landfall::store
