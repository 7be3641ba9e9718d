#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/store/quiet_watch.hpp"

namespace landfall::store {

// Of a log: worth moving when there is time, or to be moved whatever goes on
// (limits::kLogBytesLong, kLogBytesMax; while the disk is low the latter much sooner:
// kLogBytesOnLowDisk).
enum class LogLength { fair, long_enough, too_long };
[[nodiscard]] LogLength log_length(std::int64_t log_bytes, bool disk_is_low) noexcept;

// When the log of a database is moved into its file: once it is long, and nobody has written for a
// moment, so that a move takes no processor from whoever writes; where writing does not end, before
// it is too long (LogLength, limits::kLogQuietMs). Pure; one thread.
class LogMovePlan final {
 public:
  // Of the log as it is now, with the number of its last commit. Nothing: it is short. An instant
  // that has come: it is to be moved; a later one: it is to be looked at again then.
  [[nodiscard]] std::optional<Instant> move_at(std::int64_t log_bytes, std::uint64_t commit_seq,
                                               Instant now, bool disk_is_low);
  // Behind a move that ended like this: when to look again, because something of a long log is
  // left. A reader is in the way for a moment; a disk without room, or a broken database, for
  // longer. Nothing: it is short.
  [[nodiscard]] static std::optional<Instant> look_again_at(std::int64_t log_bytes,
                                                            const Status& moved, Instant now,
                                                            bool disk_is_low);

 private:
  QuietWatch quiet_;
};

}  // namespace landfall::store
