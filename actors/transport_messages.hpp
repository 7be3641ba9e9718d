#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/trust_port.hpp"
#include "engine/base/time.hpp"
#include "engine/http/message.hpp"

namespace landfall::actors {

// One request to put on the wire; answered exactly once, within `timeout` of engine time.
struct SendRequest {
  http::Request request;
  Duration timeout{0};
  std::size_t response_bytes_max = 0;
  bool is_farewell = false;  // of a session that ended: no end of a session cancels it
};

// From the network edge: call `number` is over.
struct TransportDone {
  std::uint64_t number = 0;
  http::Answer answer;
};

// From the network edge: a server's chain is put to the host, or there is news about one.
struct JudgeChain {
  std::uint64_t question = 0;
  std::string host;
  std::vector<std::string> chain;
};
struct TrustTold {
  TrustNotice notice;
};

// Ends every call that is open but for farewells; each is answered with `silent`.
struct CancelCalls {};

using TransportActor = caf::typed_actor<caf::replies_to<SendRequest>::with<http::Answer>,
                                        caf::reacts_to<TransportDone>, caf::reacts_to<JudgeChain>,
                                        caf::reacts_to<TrustTold>, caf::reacts_to<CancelCalls>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::http::Answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::SendRequest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::TransportDone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::JudgeChain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::TrustTold)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::CancelCalls)
