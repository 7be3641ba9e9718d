#include "engine/permissions/revocation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/profile/profile.hpp"
#include "engine/store/permission_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::permissions {
namespace {

using Rights = std::set<std::string, std::less<>>;

Rights minus(const Rights& all, const Rights& without) {
  Rights left;
  std::set_difference(all.begin(), all.end(), without.begin(), without.end(),
                      std::inserter(left, left.end()));
  return left;
}

Rights both(const Rights& one, const Rights& other) {
  Rights common;
  std::set_intersection(one.begin(), one.end(), other.begin(), other.end(),
                        std::inserter(common, common.end()));
  return common;
}

bool is_broken(const Error& error) {
  return error.code == "seal.broken" || error.code == "permissions.unreadable";
}

// Doubled with each failure in a row, up to the longest.
Duration retry_delay(std::size_t failures) {
  std::int64_t delay_ms = limits::kPermissionRetryMs;
  for (std::size_t i = 1; i < failures && delay_ms < limits::kPermissionRetryMsMax; ++i)
    delay_ms *= 2;
  return Duration{std::min(delay_ms, limits::kPermissionRetryMsMax)};
}

}  // namespace

std::optional<Instant> Revocation::logout_by() const {
  if (!set_.pending) return std::nullopt;
  return set_.pending->since + parts_.profile.permissions->defer_max;
}

// A clock that was set back since must not make anybody wait for longer.
bool Revocation::is_due(Instant now) const {
  if (!set_.pending) return false;
  return forms_ == 0 || now >= *logout_by() || now < set_.pending->since;
}

Result<RevocationEffects> Revocation::on_open(store::Transaction& tx, std::size_t forms,
                                              const std::optional<Granted>& login, Instant now) {
  auto stored = store::PermissionTable::load(tx, parts_.outbox_key);
  if (!stored && !is_broken(stored.error())) return failure(stored.error());
  if (stored && *stored) set_ = std::move(**stored);
  forms_ = forms;
  want_roles();
  const PermissionSet before = set_;
  if (login) take_login(*login);
  LANDFALL_TRY_ASSIGN(auto effects, keep(tx, before, {}, now));
  // What was written down and not told before its writer ended nobody else would tell.
  effects.changed = effects.changed || set_.is_known;
  return effects;
}

// Who logs in knows what they may do: what was there before is not taken away from them now, and
// nothing is owed any more.
void Revocation::take_login(const Granted& granted) {
  set_.pending.reset();
  set_.offered.clear();
  if (granted.roles) {
    set_.roles = *granted.roles;
    set_.by_role.reset();
  }
  if (!granted.permissions) return;
  set_.is_known = true;
  set_.granted = {granted.permissions->begin(), granted.permissions->end()};
}

Result<RevocationEffects> Revocation::on_login(store::Transaction& tx, const Granted& granted,
                                               Instant now) {
  const PermissionSet before = set_;
  take_login(granted);
  want_roles();
  return keep(tx, before, {}, now);
}

Result<RevocationEffects> Revocation::on_refreshed(store::Transaction& tx, const Granted& granted,
                                                   Instant now) {
  const PermissionSet before = set_;
  if (granted.roles) set_.roles = *granted.roles;
  if (granted.permissions) {
    set_.is_known = true;
    set_.granted = {granted.permissions->begin(), granted.permissions->end()};
    set_.offered.clear();
  }
  return keep(tx, before, compare(before, now), now);
}

Result<RevocationEffects> Revocation::on_update(store::Transaction& tx, const Json& arguments,
                                                Instant now) {
  RevocationEffects effects;
  const auto update = parse_permission_update(arguments);
  if (!update) {
    effects.ignored = update.error();
    proceed(effects, now);
    return effects;
  }
  if (!update->user_id.empty() && update->user_id != parts_.user_id) {
    effects.ignored =
        Error{ErrorClass::invalid, "permissions.other_user", "the message is for another user"};
    proceed(effects, now);
    return effects;
  }
  const PermissionSet before = set_;
  const Rights said{update->permissions.begin(), update->permissions.end()};
  const bool has_endpoint = !parts_.profile.permissions->by_role.empty();
  if (!has_endpoint || !set_.is_known) {
    set_.granted = said;
  } else {
    set_.offered = minus(said, set_.granted);
    set_.granted = both(set_.granted, said);
  }
  set_.is_known = true;
  want_roles();
  return keep(tx, before, compare(before, now), now);
}

Result<RevocationEffects> Revocation::on_roles(store::Transaction& tx, std::uint64_t number,
                                               const http::Answer& answer, Instant now) {
  if (asked_ != number) {
    RevocationEffects effects;
    proceed(effects, now);
    return effects;
  }
  asked_.reset();
  roles_calls_.on_answer(answer);
  const PermissionSet before = set_;
  look_at_roles(answer, now);
  return keep(tx, before, compare(before, now), now);
}

// A failure changes nothing.
void Revocation::look_at_roles(const http::Answer& answer, Instant now) {
  const bool is_outdated = std::exchange(is_outdated_, false);
  const bool is_good = answer.response && answer.response->status / 100 == 2;
  auto by_role = is_good
                     ? parse_by_role(parts_.profile, answer.response->body)
                     : Result<RoleMap>{failure(ErrorClass::transient, "permissions.failed", "")};
  if (!by_role) {
    ++failures_;
    failed_at_ = now;
    ask_again_at_ = now + retry_delay(failures_);
    wants_roles_ = true;
    return;
  }
  failures_ = 0;
  ask_again_at_ = {};
  if (!is_outdated) take_roles(std::move(*by_role));
}

// What some role allowed and none does now is taken away; what one allows is given. What no role
// ever allowed stays: it was given to the user directly.
void Revocation::take_roles(RoleMap by_role) {
  const Rights now_allowed = rights_of_map(by_role);
  if (set_.by_role)
    set_.granted = minus(set_.granted, minus(rights_of_map(*set_.by_role), now_allowed));
  set_.granted.insert(now_allowed.begin(), now_allowed.end());
  set_.offered.clear();
  set_.by_role = std::move(by_role);
  set_.is_known = true;
}

Result<RevocationEffects> Revocation::keep(store::Transaction& tx, const PermissionSet& before,
                                           RevocationEffects effects, Instant now) {
  effects.changed = set_ != before;
  if (effects.changed) LANDFALL_TRY(store::PermissionTable::save(tx, parts_.outbox_key, set_));
  proceed(effects, now);
  return effects;
}

// What was taken away. Forms that are open hold the logout back; what is taken away meanwhile joins
// what was.
RevocationEffects Revocation::compare(const PermissionSet& before, Instant now) {
  RevocationEffects effects;
  const Rights revoked = minus(before.granted, set_.granted);
  if (!before.is_known || revoked.empty()) return effects;
  Revoked told{{revoked.begin(), revoked.end()}, now, std::nullopt, false};
  if (parts_.profile.permissions->on_revoked == profile::OnRevoked::logout) {
    if (!set_.pending) set_.pending = PendingLogout{now, {}};
    Rights all{set_.pending->revoked.begin(), set_.pending->revoked.end()};
    all.insert(revoked.begin(), revoked.end());
    set_.pending->revoked = {all.begin(), all.end()};
    told.ends_session = true;
    if (!is_due(now)) told.logout_by = logout_by();
  }
  effects.revoked = std::move(told);
  return effects;
}

// --- what it waits for

void Revocation::want_roles() {
  if (parts_.profile.permissions->by_role.empty()) return;
  wants_roles_ = true;
  failures_ = 0;
  ask_again_at_ = {};
  is_outdated_ = asked_.has_value();
}

RevocationEffects Revocation::on_wanted(Instant now) {
  RevocationEffects effects;
  if (!parts_.profile.permissions->by_role.empty()) wants_roles_ = true;
  proceed(effects, now);
  return effects;
}

RevocationEffects Revocation::on_ready(bool reachable, bool authenticated, Instant now) {
  const bool returns = reachable && !reachable_;
  reachable_ = reachable;
  authenticated_ = authenticated;
  // A network that comes and goes many times a minute makes no storm (INV-Q9).
  if (returns) ask_again_at_ = std::min(ask_again_at_, failed_at_ + Duration{limits::kResendGapMs});
  RevocationEffects effects;
  proceed(effects, now);
  return effects;
}

RevocationEffects Revocation::on_forms(std::size_t open, Instant now) {
  forms_ = open;
  RevocationEffects effects;
  proceed(effects, now);
  return effects;
}

RevocationEffects Revocation::on_wake(Instant now) {
  RevocationEffects effects;
  proceed(effects, now);
  return effects;
}

// What may be done now, and when to look again.
void Revocation::proceed(RevocationEffects& effects, Instant now) {
  const bool may_ask = wants_roles_ && !asked_ && reachable_ && authenticated_;
  const Instant ask_at = std::max(ask_again_at_, roles_calls_.held_until());
  if (may_ask && now >= ask_at) {
    roles_calls_.on_sent(now);
    wants_roles_ = false;
    asked_ = ++asks_;
    effects.ask_roles = RolesCall{asks_, {parts_.profile.permissions->by_role, {}, {}, {}}};
  } else if (may_ask) {
    effects.wake_at = ask_at;
  }
  effects.logout = is_due(now);
  if (!set_.pending || effects.logout) return;
  effects.wake_at = std::min(effects.wake_at.value_or(*logout_by()), *logout_by());
}

}  // namespace landfall::permissions
