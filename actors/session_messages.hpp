#pragma once

#include <memory>
#include <optional>
#include <string>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"
#include "actors/routing_messages.hpp"
#include "actors/unlock_messages.hpp"
#include "engine/auth/manage_second_factor.hpp"
#include "engine/auth/registration.hpp"
#include "engine/auth/session.hpp"
#include "engine/auth/session_view.hpp"
#include "engine/base/json.hpp"
#include "engine/base/secret.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::actors {

// What the host reads about the session.
struct SessionSnapshot {
  auth::AuthStatus status = auth::AuthStatus::initial;
  std::string email;    // empty when nobody is logged in or about to be
  std::string user_id;  // empty when nobody is logged in, or a login waits for its user
  std::optional<auth::SecondFactorView> second_factor = std::nullopt;  // that is waited for
  std::string code = {};  // why it is so, where there is something to say
  auth::SessionView view = {};
};

// As schema/api.json has it in the event session.status; every answer about the session is told
// alike. Nothing of it is secret.
[[nodiscard]] Json session_json(const Profile& profile, const SessionSnapshot& session);

// After the device scope stands: finds who was logged in and opens their partition.
struct StartSession {};

struct Login {
  std::string email;
  SharedSecret<std::string> password;
  auth::RememberWish wish;
  bool with_remembered = false;  // both are those that the host's secure storage keeps
};

struct Logout {};

// Somebody at the phone wants the server now: where the refresh token was refused and the profile
// kept that quiet, it is time to ask for a login.
struct NeedSession {};

// Whoever leads to screens gets SessionFacts now and at every change.
struct WatchSession {
  RoutingActor watcher;
};

// The session ends, and session.status says why. Answered when it was begun; session.busy while a
// login, a logout or a start is under way.
struct LeaveSession {
  std::string because;  // a code
};

// The role that the user works in from now on. Durable.
struct StoreActiveRole {
  std::string role;
};

// user.get: what the login said of its user.
struct ReadUser {};
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

// A code for the login that waits for one, or the wish for one by text message.
struct SecondFactorCode {
  auth::FactorMethod method = auth::FactorMethod::totp;
  SharedSecret<std::string> code;
};
struct SendSecondFactorCode {};

// What a user who is logged in does about their second factor.
struct ManageSecondFactor {
  auth::FactorTask task = auth::FactorTask::set_up;
  SharedSecret<std::string> code;
  std::string phone_number;
};

using OptionalUser = std::optional<auth::ActiveUser>;

using SessionActor = caf::typed_actor<
    caf::reacts_to<StartSession>, caf::replies_to<Login>::with<Result<SessionSnapshot>>,
    caf::replies_to<Logout>::with<Result<SessionSnapshot>>,
    caf::replies_to<ReadSession>::with<Result<SessionSnapshot>>,
    caf::replies_to<ReadActiveUser>::with<OptionalUser>, caf::reacts_to<HoldLogins>,
    caf::replies_to<UnlockCommand>::with<Result<UnlockReply>>, caf::reacts_to<TouchActivity>,
    caf::reacts_to<SlowDone>, caf::reacts_to<AuthChanged>, caf::reacts_to<TimerFired>,
    caf::replies_to<Register>::with<Status>,
    caf::replies_to<ChooseOrganisation>::with<Result<SessionSnapshot>>,
    caf::reacts_to<AppInForeground>, caf::reacts_to<NeedSession>, caf::reacts_to<WatchSession>,
    caf::replies_to<LeaveSession>::with<Status>, caf::replies_to<StoreActiveRole>::with<Status>,
    caf::replies_to<ReadUser>::with<Result<SharedJson>>,
    caf::replies_to<SecondFactorCode>::with<Result<SessionSnapshot>>,
    caf::replies_to<SendSecondFactorCode>::with<Result<SessionSnapshot>>,
    caf::replies_to<ManageSecondFactor>::with<Result<SharedJson>>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::StartSession)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::Login)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::Logout)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::NeedSession)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::WatchSession)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::LeaveSession)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::StoreActiveRole)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ReadUser)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::Register)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ChooseOrganisation)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AppInForeground)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ReadSession)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ReadActiveUser)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::HoldLogins)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::OptionalUser)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::SecondFactorCode)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::SendSecondFactorCode)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ManageSecondFactor)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::actors::SessionSnapshot>)
