#pragma once

#include <nlohmann/json_fwd.hpp>

#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// Of conflicts.list: every field that somebody changed, with its value in the four versions. The
// title is left to the caller.
[[nodiscard]] ConflictView conflict_of(const nlohmann::json& conflict);

}  // namespace landfall::ui
