#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/answer.hpp"
#include "actors/api_messages.hpp"
#include "actors/core.hpp"
#include "actors/timer.hpp"

namespace landfall::actors {

// The host's side of the engine: routes requests, asks questions, tells events. It touches no
// store, so that it outlives every restart of a scope and can always answer.
struct ApiState {
  struct Question {
    Answer<SharedJson> answer;
    Instant give_up_at;
  };

  const char* name = "api";
  SharedCore core;
  EngineState engine_state = EngineState::opening;
  bool closing = false;
  http::UpdateNotice update;
  bool paused = false;    // suspended, or on the way there
  bool is_locked = true;  // the app is, until session says otherwise
  std::optional<DeviceOpened> device;
  std::optional<PartitionOpened> partition;
  std::int64_t last_question = 0;
  std::map<std::int64_t, Question> questions;  // by number, so also by age
  std::int64_t last_subscription = 0;
  std::optional<Timer> timer;  // gives up on the oldest question
};

// Its own name keeps the interface out of the names of its handlers.
struct ApiInstance final : ApiActor::stateful_base<ApiState> {
  using stateful_actor::stateful_actor;
};
using ApiSelf = ApiInstance*;

ApiActor::behavior_type api(ApiSelf self, SharedCore core);

// What the host is told of it, as the event `update.changed` and in engine.status.
[[nodiscard]] Json update_json(const http::UpdateNotice& notice);

[[nodiscard]] std::string_view to_string(EngineState state) noexcept;

}  // namespace landfall::actors
