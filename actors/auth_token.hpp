#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/answer.hpp"
#include "actors/api_messages.hpp"
#include "actors/auth_token_messages.hpp"
#include "actors/connectivity_messages.hpp"
#include "actors/core.hpp"
#include "actors/timer.hpp"
#include "actors/transport_messages.hpp"
#include "engine/auth/token_lifecycle.hpp"

namespace landfall::actors {

// Owns the token record: runs TokenLifecycle's steps on device.db and holds the calls that wait for
// a refresh.
struct AuthTokenState {
  const char* name = "auth_token";
  SharedCore core;
  std::shared_ptr<store::Database> device;
  TransportActor
      transport;  // the refresh call goes straight to it: its slot is never taken by other calls
  std::shared_ptr<store::Sealer> key;
  std::optional<auth::TokenLifecycle> machine;
  std::optional<Timer> timer;
  std::vector<Answer<auth::AccessToken>> waiting;
  std::vector<AuthSubscriber> subscribers;
  auth::TokenState told = auth::TokenState::none;  // to the subscribers
  ApiActor api;
  std::shared_ptr<const permissions::Granted> granted;  // by the answer that is taken now
  bool not_saved = false;  // the record in memory is ahead of the one on the disk
};

// Its own name keeps the interface out of the names of its handlers.
struct AuthTokenInstance final : AuthTokenActor::stateful_base<AuthTokenState> {
  using stateful_actor::stateful_actor;
};
using AuthTokenSelf = AuthTokenInstance*;

AuthTokenActor::behavior_type auth_token(AuthTokenSelf self, SharedCore core,
                                         std::shared_ptr<store::Database> device,
                                         TransportActor transport, ConnectivityActor connectivity,
                                         ApiActor api);

}  // namespace landfall::actors
