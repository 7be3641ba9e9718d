#pragma once

#include <memory>
#include <optional>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/core.hpp"
#include "actors/file_check_messages.hpp"
#include "actors/timer.hpp"
#include "engine/store/database.hpp"
#include "engine/store/file_check_plan.hpp"

namespace landfall::actors {

// Looks through the file of a database once a day (FileCheckPlan), so that damage is found while
// what is lost by it may still be at the server, and not when its user needs it. What it finds the
// database's watch hears, like what any other read meets.
struct FileCheckState {
  const char* name = "file_check";
  SharedCore core;
  std::shared_ptr<store::Database> database;
  std::optional<store::FileCheckPlan> plan;
  std::optional<Timer> timer;
};

// Its own name keeps the interface out of the names of its handlers.
struct FileCheckInstance final : FileCheckActor::stateful_base<FileCheckState> {
  using stateful_actor::stateful_actor;
};
using FileCheckSelf = FileCheckInstance*;

FileCheckActor::behavior_type file_check(FileCheckSelf self, SharedCore core,
                                         std::shared_ptr<store::Database> database);

}  // namespace landfall::actors
