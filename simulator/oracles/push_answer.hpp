#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/http/message.hpp"

namespace landfall::oracles {

// What a server said of one operation, in the answer to a push or to a question for receipts.
struct OperationAnswer {
  std::string id;
  std::string status;  // applied, conflict, rejected; retry (push), unseen (receipts)
  std::string reason;
  std::optional<std::int64_t> retry_after_s;
  std::optional<std::int64_t> row_version;  // of the entity that came with it
};

// Whether it ends the operation's id.
[[nodiscard]] bool is_verdict(const OperationAnswer& answer);

// The list named `list` ("results", "receipts") of an answer as wire.md has it; nothing when the
// answer is no 2xx or makes no sense. Read here once more, apart from the engine's own reader: a
// mistake of that one must not hide itself.
[[nodiscard]] std::optional<std::vector<OperationAnswer>> read_operation_answers(
    const http::Answer& answer, std::string_view list);

// What the server asked to be waited for; nothing without such a header in seconds.
[[nodiscard]] std::optional<Duration> asked_wait(const http::Response& response);

}  // namespace landfall::oracles
