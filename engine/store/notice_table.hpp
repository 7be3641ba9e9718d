#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/sync/notice.hpp"

namespace landfall::store {

class Reader;
class Transaction;

struct NoticeTable final {
  // Nothing when this operation was already told of with this kind and code: a user is told once,
  // seen or not.
  [[nodiscard]] static Result<std::optional<sync::Notice>> add(Transaction& tx,
                                                               const OperationId& operation,
                                                               std::string_view kind,
                                                               std::string_view code, Instant now);
  // Oldest first, at most limits::kNoticesMax.
  [[nodiscard]] static Result<std::vector<sync::Notice>> unseen(const Reader& reader);
  [[nodiscard]] static Status mark_seen(Transaction& tx, std::int64_t up_to_seq);
};

}  // namespace landfall::store
