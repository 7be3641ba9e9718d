#pragma once

#include <optional>
#include <string_view>

#include "engine/base/json_text.hpp"
#include "engine/sync/sync_queue.hpp"

namespace landfall::host {

// The params of operations.enqueue that were read without a tree.
struct EnqueueText {
  sync::EnqueueRequest request;
  JsonText params;    // of the whole text
  JsonValue payload;  // in it
};

// What parse_params and parse_enqueue make of a text, or nothing where they refuse it, or where a
// member comes twice or the text is an unusual one (JsonText). Then they know. Pure; any thread.
[[nodiscard]] std::optional<EnqueueText> read_enqueue(std::string_view params_text);

}  // namespace landfall::host
