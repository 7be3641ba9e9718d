#pragma once

#include <set>
#include <string>

struct sqlite3;

namespace landfall::test {

// The texts of all statements that read or write rows, of whatever connections are opened while it
// lives; one at a time, on one thread. The connections are closed before it ends.
class StatementLog final {
 public:
  StatementLog();
  ~StatementLog();
  StatementLog(const StatementLog&) = delete;
  StatementLog& operator=(const StatementLog&) = delete;

  [[nodiscard]] const std::set<std::string>& texts() const { return texts_; }
  void clear() { texts_.clear(); }

 private:
  static int on_open(sqlite3* connection, const char** message, const void* routines);
  static int on_statement(unsigned kind, void* log, void* statement, void* text);

  std::set<std::string> texts_;
};

}  // namespace landfall::test
