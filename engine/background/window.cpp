#include "engine/background/window.hpp"

#include <algorithm>

#include "schema/limits.hpp"

namespace landfall::background {
namespace {

using auth::AuthStatus;

// Suspending has its share of the budget.
Duration usable(Duration budget) {
  return budget - std::min(budget / 4, Duration{limits::kWindowReserveMs});
}

Instant gives_up_at(const Facts& facts) {
  return facts.unreachable_since + Duration{limits::kWindowOfflineMs};
}

std::optional<Why> verdict_offline(const Facts& facts, Instant now) {
  return now >= gives_up_at(facts) ? std::optional(Why::offline) : std::nullopt;
}

std::optional<Why> stands_in_the_way(const Facts& facts) {
  if (facts.engine == Facts::Engine::failed) return Why::failed;
  if (facts.session == AuthStatus::unauthenticated) return Why::no_session;
  if (facts.session == AuthStatus::locked && facts.engine != Facts::Engine::outboxes)
    return Why::locked;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Why why) noexcept {
  switch (why) {
    case Why::done:
      return "done";
    case Why::budget:
      return "budget";
    case Why::offline:
      return "offline";
    case Why::no_session:
      return "no_session";
    case Why::reauth:
      return "reauth";
    case Why::locked:
      return "locked";
    case Why::suspended:
      return "suspended";
    case Why::refused:
      return "refused";
    case Why::failed:
      return "failed";
  }
  return "failed";
}

AuthStatus session_for_window(AuthStatus status, bool is_refused) {
  const bool is_idle = is_refused && status == AuthStatus::authenticated;
  return is_idle ? AuthStatus::reauth_required : status;
}

Window::Window(Instant begins_at, Duration budget) : ends_at_(begins_at + usable(budget)) {}

std::optional<Why> Window::verdict(const Facts& facts, Instant now) const {
  if (const auto obstacle = stands_in_the_way(facts)) return obstacle;
  if (now >= ends_at_) return Why::budget;
  if (facts.engine == Facts::Engine::outboxes) return verdict_while_locked(facts, now);
  if (facts.engine != Facts::Engine::open || !facts.queue_known) return std::nullopt;
  if (facts.session == AuthStatus::reauth_required) return Why::reauth;
  if (!facts.reachable) return verdict_offline(facts, now);
  // A retry that comes due within the window is waited for.
  if (facts.sending || (facts.next_send_at && *facts.next_send_at <= ends_at_)) return std::nullopt;
  // Files go behind the operations that they belong to, and have what is left of the budget.
  const bool is_file_due = facts.next_transfer_at && *facts.next_transfer_at <= ends_at_;
  if (facts.moving_files || is_file_due) return std::nullopt;
  if (is_visiting(facts)) return std::nullopt;
  const bool is_pull_over = facts.pull_failed || (!facts.pulling && facts.pulled);
  if (facts.wants_pull && !is_pull_over) return std::nullopt;
  return Why::done;
}

// What waits in the active outbox beyond the window keeps the others waiting as long.
bool Window::is_visiting(const Facts& facts) const {
  const bool is_due =
      facts.next_visit_at && *facts.next_visit_at <= ends_at_ && !facts.next_send_at;
  return facts.visits_unknown || facts.visiting || is_due;
}

// Behind what can be sent the rest waits for the key.
std::optional<Why> Window::verdict_while_locked(const Facts& facts, Instant now) const {
  if (!facts.visits_unknown && !facts.next_visit_at && !facts.visiting) return Why::locked;
  if (!facts.reachable) return verdict_offline(facts, now);
  return is_visiting(facts) ? std::nullopt : std::optional(Why::locked);
}

Instant Window::look_again_at(const Facts& facts, Instant now) const {
  if (facts.reachable || gives_up_at(facts) <= now) return ends_at_;
  return std::min(ends_at_, gives_up_at(facts));
}

}  // namespace landfall::background
