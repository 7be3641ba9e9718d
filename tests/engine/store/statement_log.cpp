#include "tests/engine/store/statement_log.hpp"

#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <string_view>

namespace landfall::test {
namespace {

StatementLog* current = nullptr;

// SQLite calls it with the arguments of `on_open`, and has no type for that.
using EntryPoint = void (*)();

bool is_about_rows(std::string_view text) {
  for (const std::string_view word : {"SELECT", "INSERT", "UPDATE", "DELETE"})
    if (text.starts_with(word)) return true;
  return false;
}

}  // namespace

StatementLog::StatementLog() {
  REQUIRE(current == nullptr);
  REQUIRE(sqlite3_auto_extension(reinterpret_cast<EntryPoint>(&StatementLog::on_open)) ==
          SQLITE_OK);
  current = this;
}

StatementLog::~StatementLog() {
  sqlite3_cancel_auto_extension(reinterpret_cast<EntryPoint>(&StatementLog::on_open));
  current = nullptr;
}

int StatementLog::on_open(sqlite3* connection, const char** /*message*/, const void* /*routines*/) {
  return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, &StatementLog::on_statement, current);
}

int StatementLog::on_statement(unsigned /*kind*/, void* log, void* statement, void* /*text*/) {
  const char* text = sqlite3_sql(static_cast<sqlite3_stmt*>(statement));
  if (text != nullptr && is_about_rows(text)) static_cast<StatementLog*>(log)->texts_.insert(text);
  return 0;
}

}  // namespace landfall::test
