#pragma once

#include <cstdint>
#include <string>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace landfall::sync {

// What the user must be told about an operation: a durable row, told again at each open until it
// was seen.
struct Notice {
  std::int64_t seq = 0;
  OperationId operation;
  std::string kind;  // "failed", "rejected", "conflict", "blocked"
  std::string code;  // the server's code or our cause: "COMMENT_TOO_SHORT", "retries.spent"
  Instant created_at;
};

}  // namespace landfall::sync
