#pragma once

#include <string_view>

#include "engine/base/error.hpp"

struct sqlite3;

namespace landfall::store {

// The one place where a result code of SQLite becomes an Error. `doing` names the step ("opening",
// a label).
//   storage.full (storage_full), store.busy (busy), store.corrupt (corrupt), directory.unwritable
//   (refused), store.unavailable (transient), store.too_big (invalid); internal: store.io,
//   store.constraint, store.no_memory, store.statement
// The message is SQLite's own, which names tables and columns and never a bound value.
[[nodiscard]] Error sqlite_error(int extended_code, sqlite3* connection, std::string_view doing);

// True when the connection that met this code must not be written through any more: the medium
// failed, or the file is damaged.
[[nodiscard]] bool breaks_connection(int extended_code) noexcept;

}  // namespace landfall::store
