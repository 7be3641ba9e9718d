#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "actors/answer.hpp"
#include "actors/api_messages.hpp"
#include "actors/core.hpp"

namespace landfall::actors {

// The host's side of the engine: routes requests, asks questions, tells events. It touches no
// store, so that it outlives every restart of a scope and can always answer.
struct ApiState {
  // A request of the host that is not answered yet. Answered exactly once; dropped, it becomes an
  // error.
  struct Reply {
    std::int64_t id = 0;
    bool ticket = false;
  };

  const char* name = "api";
  SharedCore core;
  std::shared_ptr<std::atomic<std::size_t>>
      open_requests;  // shared with the host's side, which refuses beyond a bound
  EngineState engine_state = EngineState::opening;
  bool closing = false;
  std::optional<DeviceOpened> device;
  std::optional<PartitionOpened> partition;
  std::int64_t last_question = 0;
  std::map<std::int64_t, Answer<SharedJson>> questions;
};

ApiActor::behavior_type api(ApiActor::stateful_pointer<ApiState> self, SharedCore core,
                            std::shared_ptr<std::atomic<std::size_t>> open_requests);

[[nodiscard]] std::string_view to_string(EngineState state) noexcept;

}  // namespace landfall::actors
