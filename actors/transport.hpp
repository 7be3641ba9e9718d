#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_messages.hpp"
#include "actors/core.hpp"
#include "actors/transport_messages.hpp"
#include "engine/http/app_update.hpp"

namespace landfall::actors {

// The actor in front of the network edge: pairs what leaves with what comes back. As every answer
// comes by here, it also notes which of them ask for a newer app, and which say that the server
// takes no compressed bodies.
struct TransportState {
  struct Open {
    caf::typed_response_promise<http::Answer> promise;
    SendRequest sent;
  };

  ~TransportState();

  const char* name = "transport";
  SharedCore core;
  std::uint64_t last_number = 0;
  std::map<std::uint64_t, Open> open;
  std::shared_ptr<store::Database> device;
  ApiActor api;
  std::optional<http::AppUpdate> update;

  void start(std::uint64_t number, Open& call, TransportActor self);
  void finish(std::uint64_t number, http::Answer answer);
  void cancel_all(bool with_farewells);
};

// Its own name keeps the interface out of the names of its handlers.
struct TransportInstance final : TransportActor::stateful_base<TransportState> {
  using stateful_actor::stateful_actor;
};
using TransportSelf = TransportInstance*;

TransportActor::behavior_type transport(TransportSelf self, SharedCore core,
                                        std::shared_ptr<store::Database> device, ApiActor api);

}  // namespace landfall::actors
