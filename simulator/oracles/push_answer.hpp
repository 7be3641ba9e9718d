#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/http/message.hpp"
#include "simulator/backend/route_table.hpp"

namespace landfall::oracles {

// What a server said of one operation.
struct OperationAnswer {
  std::string id;
  std::string status;  // applied, conflict, rejected; retry (push), unseen (receipts)
  std::string reason;
  std::optional<std::int64_t> retry_after_s;
  std::optional<std::int64_t> row_version;  // of the entity that came with it
  bool by_status = false;  // the status of a call that carried this one alone says so
};

// Whether it ends the operation's id.
[[nodiscard]] bool is_verdict(const OperationAnswer& answer);

// What an answer says of single operations: the results of a push or a bulk call, receipts, or the
// verdict that the answer of an endpoint is. Nothing when it says nothing of them (401, a wait, a
// 5xx) or makes no sense, and for calls that carry none. Read here once more, apart from the
// engine's own reader: a mistake of that one must not hide itself.
[[nodiscard]] std::optional<std::vector<OperationAnswer>> operation_answers(
    std::optional<backend::RouteId> route, const http::Request& request,
    const http::Answer& answer);

// What the server asked to be waited for; nothing without such a header in seconds.
[[nodiscard]] std::optional<Duration> asked_wait(const http::Response& response);

}  // namespace landfall::oracles
