#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <caf/allowed_unsafe_message_type.hpp>

#include "engine/auth/token_lifecycle.hpp"
#include "engine/connectivity/reachability.hpp"
#include "engine/permissions/permission_update.hpp"

// Messages that more than one actor understands.

namespace landfall::actors {

// A timer of the receiving actor. A timer that was armed again since is stale and ignored; see
// Timer.
struct TimerFired {
  std::uint64_t generation = 0;
};

// From connectivity to its subscribers, once at subscription and at every change.
struct ConnectivityChanged {
  connectivity::State state = connectivity::State::offline;
  bool reachable =
      false;  // work may be sent: online, or a server that is down and may be tried by the ladder
  bool edge = false;     // offline -> online: re-arms waits
  bool metered = false;  // the way there costs its user by the byte
};

// From auth_token to its subscribers, once at subscription and at every change that is news
// (auth::is_news). Whether calls may be made is auth::may_call(state).
struct AuthChanged {
  auth::TokenState state = auth::TokenState::none;
  std::shared_ptr<const permissions::Granted> granted =
      nullptr;  // what a refresh said beside the tokens
  // With reauth_required: somebody asks for a token, so that this is told once more.
  bool is_needed = false;
};

// The server takes this version of the app again. From api to the partition's scope.
struct UpdateOver {};

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::TimerFired)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ConnectivityChanged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AuthChanged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::UpdateOver)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Status)
