#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/answer.hpp"
#include "actors/api_messages.hpp"
#include "actors/auth_token_messages.hpp"
#include "actors/background_window_messages.hpp"
#include "actors/core.hpp"
#include "actors/gateway_messages.hpp"
#include "actors/session_messages.hpp"
#include "actors/supervisor_messages.hpp"
#include "actors/timer.hpp"
#include "engine/auth/session.hpp"

namespace landfall::actors {

struct SessionPeers {
  ApiActor api;
  AuthTokenActor auth_token;
  GatewayActor gateway;
  SupervisorActor supervisor;
  BackgroundWindowActor window;
};

// Walks a login, a logout or a start through the others: server, keys, tokens, partition, in the
// order in which a crash between two of them loses nothing.
struct SessionState {
  const char* name = "session";
  SharedCore core;
  std::shared_ptr<store::Database> device;
  SessionPeers peers;
  std::optional<auth::Session> machine;
  std::optional<Timer> timer;  // tries the keys again while the host's secure storage is locked
  // Raised by whoever decides anew who uses the engine: a start that is still waiting for keys then
  // opens nothing any more, or it would put one user's tokens beside another's partition (INV-A13).
  std::uint64_t turn = 0;
  bool logging_out = false;
  bool logins_held = false;
  std::string locked_because;  // code of what keeps the data locked; empty when nothing does
};

SessionActor::behavior_type session(SessionActor::stateful_pointer<SessionState> self,
                                    SharedCore core, std::shared_ptr<store::Database> device,
                                    SessionPeers peers);

}  // namespace landfall::actors
