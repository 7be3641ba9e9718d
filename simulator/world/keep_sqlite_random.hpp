#pragma once

#include <sqlite3.h>

namespace landfall::world {

// SQLite has one random generator for the whole process, and worlds depend on its state: whoever
// uses SQLite beside a world leaves it as it was. Not nested: there is one place to keep it.
class KeepSqliteRandom final {
 public:
  KeepSqliteRandom() { sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SAVE); }
  KeepSqliteRandom(const KeepSqliteRandom&) = delete;
  KeepSqliteRandom& operator=(const KeepSqliteRandom&) = delete;
  ~KeepSqliteRandom() { sqlite3_test_control(SQLITE_TESTCTRL_PRNG_RESTORE); }
};

}  // namespace landfall::world
