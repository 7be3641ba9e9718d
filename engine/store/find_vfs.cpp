#include "engine/store/find_vfs.hpp"

#include <sqlite3.h>

namespace landfall::store {

void set_up_sqlite() {
  [[maybe_unused]] static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

sqlite3_vfs* find_vfs(const std::string& name) {
  set_up_sqlite();
  return sqlite3_vfs_find(name.c_str());
}

}  // namespace landfall::store
