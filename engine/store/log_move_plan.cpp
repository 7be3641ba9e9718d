#include "engine/store/log_move_plan.hpp"

#include "schema/limits.hpp"

namespace landfall::store {

std::optional<Instant> LogMovePlan::move_at(std::int64_t log_bytes, std::uint64_t commit_seq,
                                            Instant now) {
  if (log_bytes <= limits::kLogBytesLong) {
    seen_seq_.reset();
    return std::nullopt;
  }
  if (log_bytes > limits::kLogBytesMax) return now;
  const bool is_new = seen_seq_ != commit_seq || now < seen_at_;
  if (is_new) {
    seen_seq_ = commit_seq;
    seen_at_ = now;
  }
  return seen_at_ + Duration{limits::kLogQuietMs};
}

}  // namespace landfall::store
