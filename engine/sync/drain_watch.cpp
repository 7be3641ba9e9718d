#include "engine/sync/drain_watch.hpp"

#include <algorithm>
#include <utility>

namespace landfall::sync {

void DrainWatch::on_way(bool is_open, std::int64_t last_seq, Instant now) {
  const bool was_open = std::exchange(is_open_, is_open);
  if (!is_open) drain_.reset();
  if (is_open && !was_open) drain_ = Drain{last_seq, now};
}

std::optional<std::int64_t> DrainWatch::last_seq() const {
  return drain_ ? std::optional{drain_->last_seq} : std::nullopt;
}

std::optional<Drained> DrainWatch::on_look(bool has_work, Instant now) {
  if (!drain_) return std::nullopt;
  // A clock that was set back says nothing of how long it took.
  const Drained drained{!has_work, std::max(now - drain_->since, Duration{0}), target_};
  if (!has_work) {
    const bool had_work = drain_->had_work;
    drain_.reset();
    return had_work ? std::optional{drained} : std::nullopt;
  }
  drain_->had_work = true;
  if (drain_->is_late || drained.took <= target_) return std::nullopt;
  drain_->is_late = true;
  return drained;
}

}  // namespace landfall::sync
