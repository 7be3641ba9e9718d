#include "engine/auth/refusal.hpp"

#include <algorithm>

#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"

namespace landfall::auth {

using profile::OnRefreshRejected;

After401 after_401(const Profile& profile, const profile::Endpoint& endpoint, bool was_replayed) {
  const auto& passed = profile.auth.passthrough_paths;
  const bool is_passed = std::find(passed.begin(), passed.end(), endpoint.path) != passed.end();
  if (endpoint.auth != profile::AuthKind::jwt || is_passed) return After401::pass;
  const bool may_replay = endpoint.replay && !mutant::is(mutant::Mutant::forget_replay);
  return may_replay && !was_replayed ? After401::replay : After401::refresh;
}

bool gets_its_401(const profile::AuthRules& rules) {
  return rules.refresh.on_rejected == OnRefreshRejected::keep;
}

AfterRefusal after_refusal(OnRefreshRejected rule, bool is_needed) {
  switch (rule) {
    case OnRefreshRejected::logout:
      return AfterRefusal::ends;
    case OnRefreshRejected::ask:
      return AfterRefusal::asks;
    case OnRefreshRejected::keep:
      break;
  }
  return is_needed ? AfterRefusal::asks : AfterRefusal::stays;
}

}  // namespace landfall::auth
