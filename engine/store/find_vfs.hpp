#pragma once

#include <string>

struct sqlite3_vfs;

namespace landfall::store {

// Sets SQLite up before it starts: without sums of the memory that it takes, for which each piece
// of it would wait for a lock that all connections share. Whatever calls SQLite first in a process
// calls this before it, and only the first call does anything. A host that wants those sums
// (sqlite3_memory_used, sqlite3_soft_heap_limit64) calls sqlite3_initialize before it opens the
// engine; what runs already stays as it is. Any thread.
void set_up_sqlite();

// Null when there is none of that name. It is SQLite's, or its maker's. Any thread.
[[nodiscard]] sqlite3_vfs* find_vfs(const std::string& name);

}  // namespace landfall::store
