#pragma once

#include <memory>
#include <optional>
#include <string>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"
#include "actors/transport_messages.hpp"
#include "engine/auth/farewell.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"

namespace landfall::actors {

// One call to the server in the profile's words. The answer is the last one after at most one
// replay behind a 401; `no_session` when no token could be had, and `not_sent` while a session is
// renewed that nobody has refused. Where the profile keeps a session
// whose refresh is refused, a call that met 401 before gets that 401 then.
struct MakeCall {
  http::ApiCall call;
  // Which organisation it is made for, where that is not the active one's to say: its replays keep
  // it, whatever the user switches to meanwhile.
  std::optional<std::string> organisation = std::nullopt;
};

// Which calls an end is about: all, or none unless a visit's is among them
// (MakeCall::organisation).
enum class EndedCalls { all, of_visits };

// The session ended: calls in flight are cancelled and their late answers dropped (INV-A14). What
// was asked for before this is answered never leaves any more.
struct EndSession {
  EndedCalls calls = EndedCalls::all;
};

// A session that ended says so to the server, with tokens of its own that nobody else has any more:
// no answer, no replay, and no end of the session cancels it (C-15).
struct SayFarewell {
  std::shared_ptr<auth::Farewell> farewell;
};

using GatewayActor =
    caf::typed_actor<caf::replies_to<MakeCall>::with<http::Answer>,
                     caf::replies_to<EndSession>::with<Status>, caf::reacts_to<SayFarewell>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::MakeCall)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::EndSession)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::SayFarewell)
