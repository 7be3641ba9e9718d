#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_messages.hpp"
#include "actors/background_window_messages.hpp"
#include "actors/core.hpp"
#include "actors/supervisor_messages.hpp"
#include "actors/timer.hpp"
#include "engine/background/window.hpp"

namespace landfall::actors {

// Walks one background window: opens the engine if it was suspended, watches it at work until the
// window's machine says that it is over, and has it suspended again unless its host is there. It
// touches no store and outlives every scope. What it knows of the engine it is told by the others,
// also between windows.
struct BackgroundWindowState {
  // One window.
  struct Run {
    background::Window machine;
    bool is_resumed = false;  // the engine runs for it
    bool is_over = false;
    std::size_t sent = 0;
    std::optional<std::int64_t> left;
    std::size_t scopes_completed = 0;
  };

  const char* name = "background_window";
  SharedCore core;
  ApiActor api;
  SupervisorActor supervisor;
  std::optional<PartitionReady> partition;
  bool is_suspended = false;
  background::Facts facts;
  std::optional<Run> run;
  std::optional<Timer> timer;
};

// Its own name keeps the interface out of the names of its handlers.
struct BackgroundWindowInstance final
    : BackgroundWindowActor::stateful_base<BackgroundWindowState> {
  using stateful_actor::stateful_actor;
};
using BackgroundWindowSelf = BackgroundWindowInstance*;

BackgroundWindowActor::behavior_type background_window(BackgroundWindowSelf self, SharedCore core,
                                                       ApiActor api, SupervisorActor supervisor);

}  // namespace landfall::actors
