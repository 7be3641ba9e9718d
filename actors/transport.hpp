#pragma once

#include <cstdint>
#include <map>

#include "actors/core.hpp"
#include "actors/transport_messages.hpp"

namespace landfall::actors {

// The actor in front of the network edge: pairs what leaves with what comes back.
struct TransportState {
  ~TransportState();

  const char* name = "transport";
  SharedCore core;
  std::uint64_t last_number = 0;
  std::map<std::uint64_t, caf::typed_response_promise<http::Answer>> open;

  void finish(std::uint64_t number, http::Answer answer);
  void cancel_all();
};

TransportActor::behavior_type transport(TransportActor::stateful_pointer<TransportState> self,
                                        SharedCore core);

}  // namespace landfall::actors
