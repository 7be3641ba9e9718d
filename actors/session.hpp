#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/answer.hpp"
#include "actors/api_messages.hpp"
#include "actors/auth_token_messages.hpp"
#include "actors/background_window_messages.hpp"
#include "actors/core.hpp"
#include "actors/devices_messages.hpp"
#include "actors/gateway_messages.hpp"
#include "actors/session_messages.hpp"
#include "actors/supervisor_messages.hpp"
#include "actors/timer.hpp"
#include "engine/auth/session.hpp"
#include "engine/unlock/unlock.hpp"

namespace landfall::actors {

struct SessionPeers {
  ApiActor api;
  AuthTokenActor auth_token;
  GatewayActor gateway;
  SupervisorActor supervisor;
  BackgroundWindowActor window;
  DevicesActor devices;
};

// Walks a login, a logout or a start through the others: server, keys, tokens, partition, in the
// order in which a crash between two of them loses nothing. Beside it the lock of the app, which
// bars the host and nobody else: what waits is sent, pulled and shown also while it is closed.
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
  bool is_refused = false;     // the server took back what renews the session (C-4)
  std::string locked_because;  // code of what keeps the data locked; empty when nothing does
  std::string left_because;    // code of why the last session ended; empty: its user's word

  // --- who leads its user to screens (session_user.cpp)
  bool lacks_tokens = false;   // there is a user, and nothing to renew their session with
  bool is_opening = false;     // the partition is
  std::uint64_t openings = 0;  // how often it was
  RoutingActor routing;        // null: the profile has no routing, or nobody watches yet
  std::optional<SessionFacts> facts_told;

  // --- the second factor of a login (session_second_factor.cpp)
  std::optional<Timer> factor_timer;  // until its challenge has run out
  std::uint64_t factor_turn = 0;      // raised when nobody waits for a code any more: late answers
                                      // end there

  // --- what a login brings and leaves (session_organisation.cpp, session_account.cpp)
  struct LastLogin {
    std::string email;
    SharedSecret<std::string> password;
    auth::RememberWish wish;
  };
  std::optional<LastLogin> last_login;  // under way, where its password is to be kept
  std::string login_message;            // key of what the last try came to; empty: nothing to say
  bool is_resumed = false;    // this process had the session open before: its user is back
  bool is_switching = false;  // between two organisations
  bool is_checking = false;   // asks the server whether the session is still good

  // --- the lock (session_unlock.cpp)
  std::optional<unlock::Unlock> lock;
  std::shared_ptr<store::Sealer> token_key;  // seals its record
  std::optional<Timer> idle_timer;
  std::optional<attest::PublicKey> attestation_key_told;  // to who registers it with the server
  bool is_proving = false;                                // a PIN or a finger is being looked at
  bool is_biometric_busy = false;  // the user waits for what comes of their finger (I-36)
  std::uint64_t last_ticket = 0;
  std::map<std::uint64_t, std::function<void()>> slow_jobs;  // what follows each, by its ticket
};

// Its own name keeps the interface out of the names of its handlers.
struct SessionInstance final : SessionActor::stateful_base<SessionState> {
  using stateful_actor::stateful_actor;
};
using SessionSelf = SessionInstance*;

SessionActor::behavior_type session(SessionSelf self, SharedCore core,
                                    std::shared_ptr<store::Database> device, SessionPeers peers);

}  // namespace landfall::actors
