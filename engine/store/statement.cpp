#include "engine/store/statement.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/store/connection.hpp"

namespace landfall::store {

Statement::Statement(Connection& connection, CachedStatement& cached) noexcept
    : connection_(&connection), cached_(&cached) {
  cached.borrowed = true;
  ++connection.borrowed_;
}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      cached_(std::exchange(other.cached_, nullptr)),
      bind_code_(other.bind_code_),
      copies_(other.copies_),
      is_bound_(other.is_bound_) {}

Statement::~Statement() {
  using Bound = Connection::Bound;
  if (cached_ != nullptr)
    connection_->give_back(*cached_, copies_ ? Bound::copies : Bound::references);
}

Result<bool> Statement::step() {
  // Else it would look at what whoever had it before referred to.
  LANDFALL_ASSERT(is_bound_ || cached_->parameters == 0);
  if (bind_code_ != SQLITE_OK) return failure(connection_->fail(bind_code_, "binding"));
  // A step may have gone on after an error that it can do without. What ends it is that error, and
  // not what came of it: damage that hid behind another name would never be mended.
  if (connection_->lost_to_) return failure(*connection_->lost_to_);
  const int code = sqlite3_step(cached_->handle);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(connection_->fail(code, "a statement"));
}

void Statement::expect_parameters(int count) const {
  LANDFALL_ASSERT(cached_->parameters == count);
}

void Statement::note(int sqlite_code) noexcept {
  if (bind_code_ == SQLITE_OK) bind_code_ = sqlite_code;
}

void Statement::bind_null(int index) { note(sqlite3_bind_null(cached_->handle, index)); }

void Statement::bind_integer(int index, std::int64_t value) {
  note(sqlite3_bind_int64(cached_->handle, index, value));
}

void Statement::bind_text(int index, std::string_view value) {
  // A null pointer would bind NULL; an empty text is a value.
  const char* text = value.data() == nullptr ? "" : value.data();
  note(sqlite3_bind_text64(cached_->handle, index, text, value.size(),
                           copies_ ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind_bytes(int index, std::span<const std::byte> value) {
  const void* bytes = value.data() == nullptr ? static_cast<const void*>("") : value.data();
  note(sqlite3_bind_blob64(cached_->handle, index, bytes, value.size(),
                           copies_ ? SQLITE_TRANSIENT : SQLITE_STATIC));
}

Result<bool> Rows::next() {
  LANDFALL_TRY(checked());
  return statement_.step();
}

sqlite3_stmt* Rows::handle() const noexcept { return statement_.cached_->handle; }

bool Rows::is_null(int column) const {
  return sqlite3_column_type(handle(), column) == SQLITE_NULL;
}

bool Rows::has_type(int column, int type) const {
  LANDFALL_ASSERT(column >= 0 && column < sqlite3_column_count(handle()));
  if (sqlite3_column_type(handle(), column) == type) return true;
  mismatched_ = true;
  return false;
}

std::int64_t Rows::integer(int column) const {
  if (!has_type(column, SQLITE_INTEGER)) return 0;
  return sqlite3_column_int64(handle(), column);
}

std::string_view Rows::text(int column) const {
  if (!has_type(column, SQLITE_TEXT)) return {};
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle(), column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(handle(), column))};
}

std::span<const std::byte> Rows::bytes(int column) const {
  if (!has_type(column, SQLITE_BLOB)) return {};
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(handle(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle(), column))};
}

void Rows::read_id(int column, std::span<std::uint8_t, 16> id) const {
  const auto stored = bytes(column);
  if (stored.size() != id.size()) {
    mismatched_ = true;
    return;
  }
  std::ranges::copy(stored, std::as_writable_bytes(id).begin());
}

Status Rows::checked() const {
  if (!mismatched_) return {};
  return failure(ErrorClass::corrupt, "store.corrupt",
                 "a column holds another type than its table says");
}

}  // namespace landfall::store
