#include "engine/cache/answer_source.hpp"

#include <algorithm>
#include <cstdint>

#include <nlohmann/json.hpp>

namespace landfall::cache {

void put_source(Json& reply, const AnswerSource& source, Instant now) {
  reply["source"] = source.from_server ? "server" : "cache";
  reply["is_fresh"] = source.is_fresh;
  reply["as_of"] = nullptr;
  reply["age_s"] = nullptr;
  if (source.as_of) {
    reply["as_of"] = format_rfc3339(*source.as_of);
    // A clock that was set back makes nothing younger than now.
    reply["age_s"] = std::max<std::int64_t>(0, (now - *source.as_of).count() / 1000);
  }
  if (!source.reason.empty()) reply["reason"] = source.reason;
}

}  // namespace landfall::cache
