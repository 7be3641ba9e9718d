#include "engine/store/sqlite_error.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <string>
#include <utility>

namespace landfall::store {

namespace {

struct Meaning {
  ErrorClass kind;
  const char* code;
};

bool is_permission_errno(int number) {
  return number == EACCES || number == EPERM || number == EROFS;
}

Meaning meaning_of_io(int extended_code) {
  switch (extended_code) {
    case SQLITE_IOERR_NOMEM:
      return {ErrorClass::internal, "store.no_memory"};
    case SQLITE_IOERR_CORRUPTFS:
    case SQLITE_IOERR_DATA:
      return {ErrorClass::corrupt, "store.corrupt"};
    default:
      return {ErrorClass::internal, "store.io"};
  }
}

Meaning meaning_of(int extended_code, sqlite3* connection) {
  switch (extended_code & 0xff) {
    case SQLITE_FULL:
      return {ErrorClass::storage_full, "storage.full"};
    case SQLITE_IOERR:
      return meaning_of_io(extended_code);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorClass::corrupt, "store.corrupt"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorClass::busy, "store.busy"};
    case SQLITE_NOMEM:
      return {ErrorClass::internal, "store.no_memory"};
    case SQLITE_READONLY:
      return {ErrorClass::refused, "directory.unwritable"};
    case SQLITE_CANTOPEN:
      if (connection != nullptr && is_permission_errno(sqlite3_system_errno(connection))) {
        return {ErrorClass::refused, "directory.unwritable"};
      }
      return {ErrorClass::transient, "store.unavailable"};
    case SQLITE_CONSTRAINT:
      return {ErrorClass::internal, "store.constraint"};
    case SQLITE_TOOBIG:
      return {ErrorClass::invalid, "store.too_big"};
    default:
      return {ErrorClass::internal, "store.statement"};
  }
}

}  // namespace

Error sqlite_error(int extended_code, sqlite3* connection, std::string_view doing) {
  const Meaning meaning = meaning_of(extended_code, connection);
  // The connection's own text is about this code only when it is the last one that it met.
  const bool is_last =
      connection != nullptr && sqlite3_extended_errcode(connection) == extended_code;
  std::string message(doing);
  message += ": ";
  message += quote_input(is_last ? sqlite3_errmsg(connection) : sqlite3_errstr(extended_code));
  message += " (" + std::to_string(extended_code) + ")";
  return Error{meaning.kind, meaning.code, std::move(message)};
}

bool breaks_connection(int extended_code) noexcept {
  if (extended_code == SQLITE_IOERR_NOMEM) return false;
  switch (extended_code & 0xff) {
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return true;
    default:
      return false;
  }
}

}  // namespace landfall::store
