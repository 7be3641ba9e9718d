#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/json.hpp"
#include "engine/base/time.hpp"

namespace landfall::cache {

// Where an answer comes from and how old it is (P-4, P-26, P-67), as hosts get it:
//
//   {"source":"server"|"cache","as_of","age_s","is_fresh","reason"?}
//
// as_of is when the server last said so, with age_s seconds since; both are null when it never did.
// `reason` is the code of what kept the server from answering, of an answer from the cache that it
// was asked for.
struct AnswerSource {
  bool from_server = false;
  std::optional<Instant> as_of;
  bool is_fresh = false;
  std::string reason;

  // The server said it just now.
  [[nodiscard]] static AnswerSource server(Instant now) { return {true, now, true, {}}; }
};

// A clock that was set back makes nothing younger than now.
[[nodiscard]] std::int64_t age_in_seconds(Instant as_of, Instant now);

// Adds it to a reply.
void put_source(Json& reply, const AnswerSource& source, Instant now);

}  // namespace landfall::cache
