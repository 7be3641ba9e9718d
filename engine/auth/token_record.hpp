#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/base/time.hpp"

namespace landfall::store {
class Reader;
class Sealer;
class Transaction;
}  // namespace landfall::store

namespace landfall::auth {

// One pair of tokens and when it came.
struct Generation {
  std::int64_t number = 0;
  SharedSecret<std::string> access;
  SharedSecret<std::string> refresh;
  Duration access_lifetime{0};  // zero: unknown, and then expires_at means nothing
  Instant expires_at;           // on the engine's clock (INV-A10)
};

// A refresh that was decided on. It is durable before its call leaves and goes only with its
// answer.
struct RefreshIntent {
  RequestId id;                 // the same on every send, across restarts
  std::int64_t generation = 0;  // whose refresh token is sent
  bool last_chance = false;     // the other generation was refused before
  int failures = 0;  // sends without a usable answer since it was made or the network came back
  Instant due_at;    // of the next send
  std::optional<Instant>
      held_until;  // the server's Retry-After: no edge and no restart goes before it
};

// All that is known about one user's tokens, as one value that is sealed and written whole, so that
// it cannot tear.
struct TokenRecord {
  std::optional<Generation> current;   // nothing once the session was definitively refused
  std::optional<Generation> previous;  // until the current one was first accepted
  std::optional<RefreshIntent> intent;
  std::int64_t last_generation = 0;  // numbers are never used twice
  std::int64_t last_attempt = 0;
  Instant last_sent_at;  // of any refresh call
  int unproven = 0;      // pairs in a row that came from a refresh and were refused unused
};

// Written and read by auth_token alone. The record is JSON with a version, sealed under the user's
// token key and bound to the user's row. Errors of reading: seal.broken (altered, moved from
// another row, or another key), and tokens.unreadable for a record that opens but was written by a
// newer version or contradicts its row.
[[nodiscard]] Status store_record(store::Transaction& device, store::Sealer& token_key,
                                  std::string_view user_id, const TokenRecord& record);
[[nodiscard]] Result<std::optional<TokenRecord>> load_record(const store::Reader& device,
                                                             const store::Sealer& token_key,
                                                             std::string_view user_id);

}  // namespace landfall::auth
