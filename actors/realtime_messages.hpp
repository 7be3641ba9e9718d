#pragma once

#include <cstdint>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"
#include "actors/socket_port.hpp"

namespace landfall::actors {

// From the network edge: what happened to socket `number`.
struct SocketTold {
  std::uint64_t number = 0;
  SocketEvent event;
};

// The host has come, or has gone: nobody looks at what the hub says in a background window.
struct HostIsHere {
  bool is_here = true;
};

using RealtimeActor = caf::typed_actor<caf::reacts_to<SocketTold>, caf::reacts_to<HostIsHere>,
                                       caf::reacts_to<ConnectivityChanged>,
                                       caf::reacts_to<AuthChanged>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::SocketTold)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::HostIsHere)
