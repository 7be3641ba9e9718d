#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/result.hpp"

namespace landfall::store {

class Reader;
class Transaction;

struct CounterChange {
  std::string_view name;
  std::int64_t difference = 0;
};

// Named sums that change in the same transaction as the rows they count, so that nothing is counted
// at open.
//
// A transaction gathers what is added, which its own reads see, and writes it once at its end:
// nothing else reads or writes a counter's row inside of it.
struct CounterTable final {
  // Zero when it was never set.
  [[nodiscard]] static Result<std::int64_t> get(const Reader& reader, std::string_view name);
  [[nodiscard]] static Status set(Transaction& tx, std::string_view name, std::int64_t value);
  static void add(Transaction& tx, const CounterChange& change);
  // A value that is not worth a write: it is read as set from this transaction's commit on, and
  // goes into the file with the next one that writes anyway, this one among them, or when the file
  // is closed. A crash before that brings the last written value back. A counter that is set late
  // is never set or added to otherwise.
  static void set_late(Transaction& tx, std::string_view name, std::int64_t value);
  // Writes what was added. Database's, behind a step that succeeded and before its commit.
  [[nodiscard]] static Status write_open(Transaction& tx);
};

// Written by the sync queue.
inline constexpr std::string_view kOutboxOperations = "outbox.operations";  // not settled
inline constexpr std::string_view kOutboxBytes = "outbox.bytes";            // theirs
inline constexpr std::string_view kOutboxHoldUntilMs =
    "outbox.hold_until_ms";  // no push before it (Retry-After)
inline constexpr std::string_view kOutboxNamesUnread =
    "outbox.names_unread";  // 1: rows of named_entities are missing (sync::read_names)

// Written by file_check, of either kind of database.
inline constexpr std::string_view kFileCheckedMs =
    "file.checked_ms";  // when the file was last looked through
inline constexpr std::string_view kFileCheckTable =
    "file.check_table";  // how many tables of the next round are done

// Written by the pull.
inline constexpr std::string_view kPullHoldUntilMs =
    "pull.hold_until_ms";  // no page, refresh or list before it (Retry-After)

}  // namespace landfall::store
