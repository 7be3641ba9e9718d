#include "engine/store/transaction.hpp"

#include <sqlite3.h>

#include "engine/store/connection.hpp"

namespace landfall::store {

Result<Statement> Reader::prepare(std::string_view sql) const { return connection_->borrow(sql); }

std::int64_t Transaction::last_insert_rowid() const noexcept {
  return sqlite3_last_insert_rowid(connection_->handle());
}

Compressor& Transaction::compressor() const noexcept { return connection_->compressor(); }

std::int64_t Transaction::rows_changed() const noexcept {
  return sqlite3_changes64(connection_->handle());
}

}  // namespace landfall::store
