#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/cache_messages.hpp"
#include "actors/common_messages.hpp"
#include "engine/base/result.hpp"

namespace landfall::actors {

// From session, at every change: what of it leads to screens. What is not known yet has no value.
struct SessionFacts {
  std::string user_id;
  std::optional<bool> has_session;  // somebody is logged in, and their tokens are here
  bool is_locked = false;
  std::optional<std::vector<std::string>> roles;
  std::string active_role;

  friend bool operator==(const SessionFacts&, const SessionFacts&) = default;
};

// From delta_pull, when the partition opens and at every change: whether everything was pulled once
//
struct ScopesSynced {
  bool is_synced = false;
};

// routing.start: answered when it is known where to go, at the latest after the profile's
// roles_wait_s.
struct AskRoute {};

// routing.set_role. A role without a dashboard of the user's changes nothing.
struct ChooseRole {
  std::string role;
};

// onboarding.done. Durable.
struct OnboardingDone {};

using RoutingActor =
    caf::typed_actor<caf::reacts_to<SessionFacts>, caf::reacts_to<ScopesSynced>,
                     caf::replies_to<AskRoute>::with<Result<SharedJson>>,
                     caf::replies_to<ChooseRole>::with<Result<SharedJson>>,
                     caf::replies_to<OnboardingDone>::with<Status>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::SessionFacts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ScopesSynced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AskRoute)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ChooseRole)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::OnboardingDone)
