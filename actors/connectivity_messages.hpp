#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"
#include "engine/connectivity/reachability.hpp"
#include "engine/http/outcome.hpp"

namespace landfall::actors {

// What the phone's system says about the network.
struct NetworkHint {
  connectivity::Hint hint;
};

// What one of our own calls met.
struct TrafficSeen {
  http::Signal signal = http::Signal::answered;
};

using ConnectivitySubscriber = caf::typed_actor<caf::reacts_to<ConnectivityChanged>>;

// The subscriber gets ConnectivityChanged now and at every change.
struct SubscribeConnectivity {
  ConnectivitySubscriber subscriber;
};

using ConnectivityActor =
    caf::typed_actor<caf::reacts_to<NetworkHint>, caf::reacts_to<TrafficSeen>,
                     caf::reacts_to<SubscribeConnectivity>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::NetworkHint)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::TrafficSeen)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::SubscribeConnectivity)
