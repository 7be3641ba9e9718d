#pragma once

#include <memory>
#include <optional>
#include <string>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"
#include "actors/unlock_messages.hpp"
#include "engine/auth/registration.hpp"
#include "engine/auth/session.hpp"
#include "engine/auth/session_view.hpp"
#include "engine/base/secret.hpp"

namespace landfall::actors {

// What the host reads about the session.
struct SessionSnapshot {
  auth::AuthStatus status = auth::AuthStatus::initial;
  std::string email;    // empty when nobody is logged in
  std::string user_id;  // empty when nobody is logged in
  auth::SessionView view;
};

// After the device scope stands: finds who was logged in and opens their partition.
struct StartSession {};

struct Login {
  std::string email;
  SharedSecret<std::string> password;
  auth::RememberWish wish;
  bool with_remembered = false;  // both are those that the host's secure storage keeps
};

struct Logout {};
struct ReadSession {};
// An account of somebody who has none (session.register).
struct Register {
  auth::NewAccount account;
};

// Where the user works from here on: the choice that a login waits for, or another one than before.
struct ChooseOrganisation {
  std::string organisation;
  bool is_switch = false;
};

// The user is back in front of the app (I-25).
struct AppInForeground {};

// Who uses the engine, whether or not their data is open.
struct ReadActiveUser {};
// While a partition is being erased nobody may log in: they would bring it back.
struct HoldLogins {
  bool hold = false;
};

using OptionalUser = std::optional<auth::ActiveUser>;

using SessionActor = caf::typed_actor<
    caf::reacts_to<StartSession>, caf::replies_to<Login>::with<Result<SessionSnapshot>>,
    caf::replies_to<Logout>::with<Result<SessionSnapshot>>,
    caf::replies_to<ReadSession>::with<Result<SessionSnapshot>>,
    caf::replies_to<ReadActiveUser>::with<OptionalUser>, caf::reacts_to<HoldLogins>,
    caf::replies_to<UnlockCommand>::with<Result<UnlockReply>>, caf::reacts_to<TouchActivity>,
    caf::reacts_to<SlowDone>, caf::replies_to<Register>::with<Status>,
    caf::replies_to<ChooseOrganisation>::with<Result<SessionSnapshot>>,
    caf::reacts_to<AppInForeground>, caf::reacts_to<AuthChanged>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::StartSession)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::Login)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::Logout)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::Register)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ChooseOrganisation)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AppInForeground)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ReadSession)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ReadActiveUser)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::HoldLogins)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::OptionalUser)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::actors::SessionSnapshot>)
