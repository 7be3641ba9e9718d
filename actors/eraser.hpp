#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/answer.hpp"
#include "actors/api_messages.hpp"
#include "actors/core.hpp"
#include "actors/eraser_messages.hpp"
#include "actors/session_messages.hpp"
#include "actors/supervisor_messages.hpp"
#include "actors/timer.hpp"
#include "engine/store/erase_intent.hpp"

namespace landfall::actors {

struct EraserPeers {
  ApiActor api;
  SessionActor session;
  SupervisorActor supervisor;
};

// Forgets a partition: asks whether its user knows what is given up, logs them out, destroys the
// keys and only then deletes files (INV-X2). What is under way stands in device.db, and is carried
// on by the next process; nobody logs in before it is over.
struct EraserState {
  const char* name = "eraser";
  SharedCore core;
  std::shared_ptr<store::Database> device;
  EraserPeers peers;
  std::optional<Timer> timer;
  std::optional<store::EraseIntent> intent;
  std::vector<std::string> keys_left;
  std::optional<Answer<Erased>> answer;
  Erased erased;
};

// Its own name keeps the interface out of the names of its handlers.
struct EraserInstance final : EraserActor::stateful_base<EraserState> {
  using stateful_actor::stateful_actor;
};
using EraserSelf = EraserInstance*;

EraserActor::behavior_type eraser(EraserSelf self, SharedCore core,
                                  std::shared_ptr<store::Database> device, EraserPeers peers);

}  // namespace landfall::actors
