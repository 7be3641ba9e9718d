#include "engine/cache/answer_source.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace landfall::cache {

std::int64_t age_in_seconds(Instant as_of, Instant now) {
  return std::max<std::int64_t>(0, (now - as_of).count() / 1000);
}

void put_source(Json& reply, const AnswerSource& source, Instant now) {
  reply["source"] = source.from_server ? "server" : "cache";
  reply["is_fresh"] = source.is_fresh;
  reply["as_of"] = nullptr;
  reply["age_s"] = nullptr;
  if (source.as_of) {
    reply["as_of"] = format_rfc3339(*source.as_of);
    reply["age_s"] = age_in_seconds(*source.as_of, now);
  }
  if (!source.reason.empty()) reply["reason"] = source.reason;
}

}  // namespace landfall::cache
