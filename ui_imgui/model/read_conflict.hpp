#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include <nlohmann/json.hpp>

#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// Of conflicts.list: every field that somebody changed, with its value in the four versions. The
// title is left to the caller.
[[nodiscard]] ConflictView conflict_of(const nlohmann::json& conflict);

// Asks for one conflicts.list; `then` gets the result, and is not called for a refusal.
using AskConflicts = std::function<void(nlohmann::json params,
                                        std::function<void(const nlohmann::json& result)> then)>;

// What an inbox shows: everything that waits for its user, and the youngest of what was decided,
// by their seq. Filled while the answers come, whose pages have no end that is known before.
struct ConflictInbox {
  std::map<std::int64_t, nlohmann::json> open;
  std::map<std::int64_t, nlohmann::json> decided;
};

// Asks for the open conflicts and, by itself, for the history, each to its last page: the list
// begins with the oldest, so that whoever reads one page of it sees nothing new behind a long
// history (P-29). At most `decided_max` of the history are kept.
void ask_conflicts(const AskConflicts& ask, std::size_t decided_max,
                   const std::shared_ptr<ConflictInbox>& inbox);

}  // namespace landfall::ui
