#include "engine/background/next_window.hpp"

#include <algorithm>

#include "schema/limits.hpp"

namespace landfall::background {
namespace {

// Not before `gap` has passed since the last window.
Instant behind(std::optional<Instant> last_window_at, std::int64_t gap_ms, Instant wish) {
  return last_window_at ? std::max(wish, *last_window_at + Duration{gap_ms}) : wish;
}

void take_earlier(std::optional<Instant>& next, Instant candidate) {
  next = std::min(next.value_or(candidate), candidate);
}

}  // namespace

bool is_due(const Wishes& wishes, Instant now) {
  const auto passed = [&](const std::optional<Instant>& wish) { return wish && *wish <= now; };
  return passed(wishes.notify) ||
         (wishes.has_session && (passed(wishes.push) || passed(wishes.transfer) ||
                                 passed(wishes.visit) || passed(wishes.pull)));
}

std::optional<Instant> next_window(const Wishes& wishes, std::optional<Instant> last_window_at,
                                   Instant now) {
  std::optional<Instant> next = wishes.notify;
  if (wishes.has_session && wishes.push)
    take_earlier(next, behind(last_window_at, limits::kWindowGapMs, *wishes.push));
  if (wishes.has_session && wishes.transfer)
    take_earlier(next, behind(last_window_at, limits::kWindowGapMs, *wishes.transfer));
  if (wishes.has_session && wishes.visit)
    take_earlier(next, behind(last_window_at, limits::kWindowGapMs, *wishes.visit));
  if (wishes.has_session && wishes.pull)
    take_earlier(next, behind(last_window_at, limits::kWindowPullGapMs, *wishes.pull));
  if (next) next = std::max(*next, now);
  return next;
}

}  // namespace landfall::background
