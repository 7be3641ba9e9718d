#include "engine/sync/outbox_visits.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/profile/profile.hpp"
#include "engine/profile/template.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

// Another try finds damage, a newer file and a wrong key just as they were.
bool may_pass(const Error& error) {
  return error.kind != ErrorClass::corrupt && error.kind != ErrorClass::refused &&
         error.kind != ErrorClass::invalid;
}

}  // namespace

bool names_organisation(const Profile& profile) {
  const std::string variable = "${" + std::string{profile::kOrganisationVariable} + "}";
  return std::any_of(profile.headers.begin(), profile.headers.end(), [&](const auto& header) {
    return header.second.find(variable) != std::string::npos;
  });
}

OutboxVisits::OutboxVisits(std::vector<ClosedOutbox> outboxes, Instant now) {
  for (ClosedOutbox& outbox : outboxes) waiting_.push_back({std::move(outbox), now, now});
}

void OutboxVisits::on_active_outbox(bool has_work, Instant quiet_until) {
  active_has_work_ = has_work;
  quiet_until_ = std::max(quiet_until_, quiet_until);
}

void OutboxVisits::on_connectivity(bool reachable, bool edge, Instant now) {
  reachable_ = reachable;
  if (!edge) return;
  for (Waiting& each : waiting_) {
    each.due_at = std::min(each.due_at, std::max(now, each.not_before));
    each.is_behind_edge = true;
  }
}

void OutboxVisits::on_auth(bool authenticated, bool refused) {
  authenticated_ = authenticated;
  refused_ = refused;
}

void OutboxVisits::on_paused() { paused_ = true; }

bool OutboxVisits::on_quiet(Instant until) {
  if (until <= quiet_until_) return false;
  quiet_until_ = until;
  return true;
}

bool OutboxVisits::may_send() const {
  return !active_has_work_ && reachable_ && authenticated_ && !paused_;
}

std::optional<ClosedOutbox> OutboxVisits::begin(Instant now) {
  const auto at = next_visit_at();
  if (!at || *at > now) return std::nullopt;
  const auto next = std::min_element(
      waiting_.begin(), waiting_.end(),
      [](const Waiting& one, const Waiting& other) { return one.due_at < other.due_at; });
  visited_ = std::move(*next);
  waiting_.erase(next);
  return visited_->outbox;
}

bool OutboxVisits::should_stay(std::optional<Instant> next_call_at, Instant now) const {
  return may_send() && next_call_at && *next_call_at <= now + Duration{limits::kVisitStayMs};
}

void OutboxVisits::on_left(std::optional<Instant> next_send_at, Instant now) {
  LANDFALL_ASSERT(visited_.has_value());
  Waiting left = std::move(*std::exchange(visited_, std::nullopt));
  if (!next_send_at) return;
  left.not_before = now + Duration{limits::kVisitGapMs};
  left.due_at = std::max(*next_send_at, left.not_before);
  left.is_behind_edge = false;
  waiting_.push_back(std::move(left));
}

void OutboxVisits::on_failed(const Error& error, Instant now) {
  if (!may_pass(error)) return on_left(std::nullopt, now);
  on_left(now + Duration{limits::kVisitRetryMs}, now);
}

std::optional<Instant> OutboxVisits::next_visit_at() const {
  return visited_ || !may_send() ? std::nullopt : wish();
}

std::optional<Instant> OutboxVisits::wish() const {
  std::optional<Instant> first;
  if (refused_) return first;
  if (visited_) first = visited_->due_at;
  for (const Waiting& each : waiting_) first = std::min(first.value_or(each.due_at), each.due_at);
  if (first) first = std::max(*first, quiet_until_);
  return first;
}

}  // namespace landfall::sync
