#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/base/time.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::store {
class Reader;
class Sealer;
class Transaction;
}  // namespace landfall::store

namespace landfall::auth {

// One generation of the pair, as an answer brought it.
struct TokenPair {
  Secret<std::string> access;
  Secret<std::string> refresh;
  Duration access_lifetime{0};  // from expiresIn, else from exp - iat; zero when the server does not say
};

// Reads the pair from a login or refresh reply by the profile's reply pointers; errors name the field, never a value.
[[nodiscard]] Result<TokenPair> parse_token_pair(const Profile& profile, std::string_view endpoint,
                                                 std::string_view reply_body);

enum class TokenState {
  none,             // nobody is logged in
  valid,            // requests may be stamped (the token may still turn out to be refused)
  refreshing,       // an intent is durable and its call is in flight or waits for its next try
  reauth_required   // definitively refused: the user must log in again; nothing else is lost
};

struct AccessToken {
  std::int64_t generation = 0;
  SharedSecret<std::string> bearer;
};

struct RefreshCall {
  std::int64_t attempt = 0;  // pairs the call with its answer
  http::ApiCall call;        // carries the intent's id, the same on every retry
};

struct TokenEffects {
  std::optional<RefreshCall> refresh;      // to be sent after the commit, in the reserved slot
  std::optional<Instant> wake_at;          // replaces the machine's one timer
  std::optional<TokenState> changed;       // tell who waits and who stamps
};

// The token record of one user: refresh ahead of expiry and on 401, one in flight, also across a restart.
// The protocol is reliability.md 5.4: the intent is durable before the call leaves; a new pair is durable, with the old
// one beside it, before anything uses it; the old one goes with the first success of the new. Only a definitive refusal
// (400 or 401 in the expected JSON shape) ends the session, after the other generation was tried once.
// Expiry is kept by lifetime on the engine's clock, never by the phone's wall clock (INV-A10).
// (P-16..P-18, C-4..C-8, INV-A1..A4, A6.)
class TokenLifecycle final {
 public:
  struct Parts {
    const Profile& profile;
    SecureRandom& secure_random;  // refresh ids
  };

  explicit TokenLifecycle(Parts parts);

  // Loads the user's record; a refresh that was in flight when the process died is sent again with its id. Durable.
  [[nodiscard]] Result<TokenEffects> on_open(store::Transaction& tx, const store::Sealer& token_key,
                                             std::string user_id, Instant now);

  // A login answered. Durable; use the tokens after the commit.
  [[nodiscard]] Result<TokenEffects> on_login(store::Transaction& tx, const store::Sealer& token_key,
                                              std::string user_id, TokenPair pair, Instant now);

  // Somebody needs a token (a call, the timer, an edge). Starts a refresh when the token is about to expire. Durable.
  [[nodiscard]] Result<TokenEffects> on_need(store::Transaction& tx, Instant now);

  // A call with this generation met 401. A straggler of an older generation starts nothing (INV-A2). Durable.
  [[nodiscard]] Result<TokenEffects> on_rejected(store::Transaction& tx, std::int64_t generation, Instant now);

  // A call with this generation was accepted: the previous one is dropped. Ordered.
  [[nodiscard]] Result<TokenEffects> on_accepted(store::Transaction& tx, std::int64_t generation);
  // Whether on_accepted would change anything, so that most answers cost no transaction.
  [[nodiscard]] bool wants_accepted(std::int64_t generation) const;

  // Durable.
  [[nodiscard]] Result<TokenEffects> on_refresh_answer(store::Transaction& tx, std::int64_t attempt,
                                                       const http::Answer& answer, Instant now);

  // The edge offline -> online: a waiting retry goes at once, not within 5 s of its last send. Durable.
  [[nodiscard]] Result<TokenEffects> on_edge(store::Transaction& tx, Instant now);
  [[nodiscard]] Result<TokenEffects> on_wake(store::Transaction& tx, Instant now);

  // Logout: the record goes. Durable.
  [[nodiscard]] Result<TokenEffects> on_clear(store::Transaction& tx);

  [[nodiscard]] TokenState state() const { return state_; }
  // A token to stamp with; nothing unless valid.
  [[nodiscard]] std::optional<AccessToken> access() const;
  // The refresh token for a logout call; null when none.
  [[nodiscard]] SharedSecret<std::string> refresh_token() const;
  // True while a refresh is in flight or due at once: a call that needs a token should wait for it rather than give up.
  [[nodiscard]] bool is_resolving() const;

 private:
  Parts parts_;
  TokenState state_ = TokenState::none;
  // The rest is the implementation's own.
};

}  // namespace landfall::auth
