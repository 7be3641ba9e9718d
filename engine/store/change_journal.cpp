#include "engine/store/change_journal.hpp"

#include <sqlite3.h>

#include <string_view>

namespace landfall::store {
namespace {

// A page of a pull changes more: what is kept of single rows is of no use then.
constexpr std::size_t kRowsMax = 256;

}  // namespace

void ChangeJournal::listen(sqlite3* connection) {
  connection_ = connection;
  sqlite3_update_hook(
      connection,
      [](void* self, int, const char*, const char* table, sqlite3_int64 rowid) {
        static_cast<ChangeJournal*>(self)->note(table, rowid);
      },
      this);
}

void ChangeJournal::begin() {
  changes_.documents.clear();
  changes_.others = false;
  is_paused_ = false;
  rows_heard_of_ = 0;
  if (connection_ != nullptr) rows_before_ = sqlite3_total_changes64(connection_);
}

const RowChanges& ChangeJournal::end() {
  if (connection_ == nullptr ||
      sqlite3_total_changes64(connection_) - rows_before_ != rows_heard_of_)
    changes_.others = true;
  return changes_;
}

void ChangeJournal::note(const char* table, std::int64_t rowid) {
  ++rows_heard_of_;
  if (is_paused_ || changes_.others) return;
  if (std::string_view(table) == "documents" && changes_.documents.size() < kRowsMax) {
    changes_.documents.push_back(rowid);
  } else {
    changes_.others = true;
  }
}

}  // namespace landfall::store
