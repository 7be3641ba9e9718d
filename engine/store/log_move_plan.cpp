#include "engine/store/log_move_plan.hpp"

#include "schema/limits.hpp"

namespace landfall::store {

LogLength log_length(std::int64_t log_bytes, bool disk_is_low) noexcept {
  const auto bytes_max = disk_is_low ? limits::kLogBytesOnLowDisk : limits::kLogBytesMax;
  if (log_bytes > bytes_max) return LogLength::too_long;
  return log_bytes > limits::kLogBytesLong ? LogLength::long_enough : LogLength::fair;
}

std::optional<Instant> LogMovePlan::move_at(std::int64_t log_bytes, std::uint64_t commit_seq,
                                            Instant now, bool disk_is_low) {
  const LogLength length = log_length(log_bytes, disk_is_low);
  if (length == LogLength::fair) {
    quiet_.forget();
    return std::nullopt;
  }
  if (length == LogLength::too_long) return now;
  return quiet_.since(commit_seq, now) + Duration{limits::kLogQuietMs};
}

std::optional<Instant> LogMovePlan::look_again_at(std::int64_t log_bytes, const Status& moved,
                                                  Instant now, bool disk_is_low) {
  if (log_length(log_bytes, disk_is_low) == LogLength::fair) return std::nullopt;
  const bool is_soon_over = moved || moved.error().kind == ErrorClass::busy;
  return now + Duration{is_soon_over ? limits::kLogQuietMs : limits::kStorageRetryMs};
}

}  // namespace landfall::store
