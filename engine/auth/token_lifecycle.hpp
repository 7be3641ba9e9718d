#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/auth/token_record.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/random.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/base/time.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"
#include "engine/http/repeated_call.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::auth {

// One generation of the pair, as an answer brought it.
struct TokenPair {
  Secret<std::string> access;
  Secret<std::string> refresh;
  // From expiresIn, else from the answer's absolute expiry, else from exp - iat; zero when the
  // server does not say.
  Duration access_lifetime{0};
};

// Reads the pair from a login or refresh reply by the profile's reply paths (access_token,
// refresh_token, expires_in_s, expires_at). Tokens are visible ASCII of at most
// limits::kTokenBytesMax, because one of them becomes a header. A lifetime that is no number or no
// plausible one is unknown, never an error. Errors name the field, never a value: those of
// parse_json, field.missing, field.type, field.range.
//
// `expires_at` is an instant by the server's clock (I-11), so it is held against what that clock
// said when it answered: the answer's Date, else the token's iat, and never the phone's own time.
// An answer with neither leaves the lifetime unknown (INV-A10).
[[nodiscard]] Result<TokenPair> parse_token_pair(const Profile& profile, std::string_view endpoint,
                                                 const http::Response& reply);

enum class TokenState {
  none,            // nobody is logged in
  valid,           // requests may be stamped (the token may still turn out to be refused)
  refreshing,      // an intent is durable and its call is in flight or waits for its next try
  reauth_required  // definitively refused: the user must log in again; nothing else is lost
};

// Whether somebody is logged in whom no server has refused.
[[nodiscard]] constexpr bool has_session(TokenState state) {
  return state == TokenState::valid || state == TokenState::refreshing;
}

// Whether calls that need a token may be made, as those who make them were told (is_news). A
// refresh that stands at a start, before anybody was told of a valid pair, is waited for.
[[nodiscard]] constexpr bool may_call(TokenState told) { return told == TokenState::valid; }

// Whether what waits for such a call waits for no user: the session renews itself.
[[nodiscard]] constexpr bool is_renewing(TokenState told) { return told == TokenState::refreshing; }

// Whether those who were told of the one state are to be told of the other. A refresh behind a
// valid pair is no news while its call is in flight (`is_resolving`): a call that is made meanwhile
// waits for its token, so that nobody has to stop, nor to begin anew behind it. One that waits for
// its next try is: nobody is kept waiting for minutes, and what is not sent stays as it is. The new
// pair is news: it lifts what was blocked for want of one, and an answer may have said more beside
// it.
[[nodiscard]] constexpr bool is_news(TokenState told, TokenState now, bool is_resolving) {
  const bool waits_for_token =
      told == TokenState::valid && now == TokenState::refreshing && is_resolving;
  return !waits_for_token;
}

struct AccessToken {
  std::int64_t generation = 0;
  SharedSecret<std::string> bearer;
};

struct RefreshCall {
  std::int64_t attempt = 0;  // pairs the call with its answer
  http::ApiCall call;        // carries the intent's id, the same on every retry
};

struct TokenEffects {
  std::optional<RefreshCall> refresh;  // to be sent after the commit, in the reserved slot
  std::optional<Instant> wake_at;  // replaces the machine's one timer; nothing: no timer is needed
  std::optional<TokenState> changed;  // tell who waits and who stamps; once for each change
};

// The token record of one user: refresh ahead of expiry and on 401, one in flight, also across a
// restart. The protocol: the intent is durable before the call leaves; a new pair is durable, with
// the old one beside it, before anything uses it; the old one goes with the first success of the
// new. Only a definitive refusal (400 or 401 in the profile's error shape) ends the session, after
// the other generation was tried once; where the profile has no refresh endpoint, a 401 does.
//
// Whatever else comes back (silence, a portal's page, 5xx, a 2xx without a pair) repeats the same
// token under the same id after 5, 30, 120, 120 … s; the edge offline -> online and a restart
// repeat it at once, but never within limits::kResendGapMs of its last send nor before a
// Retry-After. A pair that is refused before it was ever accepted is refreshed by the same ladder,
// so that a server that refuses every token is not asked in a loop.
//
// Refreshing ahead is done when somebody needs a token, never by a timer: a phone that lies idle
// wakes no radio. Expiry is kept by lifetime on the engine's clock, never by the phone's wall clock
// (INV-A10).
//
// A step that fails leaves the machine unusable: its owner reopens the store and makes a new one.
// Steps that start nothing write nothing. (P-16..P-18, C-4..C-8, I-13, I-14, I-16, INV-A1..A4, A6.)
class TokenLifecycle final {
 public:
  struct Parts {
    const Profile& profile;
    SecureRandom& secure_random;  // refresh ids
    std::string device_id;        // for the body of the refresh
    http::RepeatLedger& repeats;  // of the device; outlives the machine
  };

  explicit TokenLifecycle(Parts parts);

  // Loads the user's record; a refresh that was in flight when the process died is sent again with
  // its id. Instants that the record brings from another run are clamped to what now allows.
  // `changed` is set unless there is no record. Once more for the user whose record is here it
  // changes nothing: a refresh that is in flight goes on. `token_key` outlives the machine or the
  // next on_open, on_login or on_clear. Durable. Errors: seal.broken and tokens.unreadable (a login
  // mends both), those of the database.
  [[nodiscard]] Result<TokenEffects> on_open(store::Transaction& tx, store::Sealer& token_key,
                                             std::string user_id, Instant now);

  // A login answered. Replaces what there was, also what cannot be read; the answer to a refresh
  // that is in flight will change nothing. Durable; use the tokens after the commit.
  [[nodiscard]] Result<TokenEffects> on_login(store::Transaction& tx, store::Sealer& token_key,
                                              std::string user_id, TokenPair pair, Instant now);

  // Somebody needs a token. Starts a refresh when the token is about to expire. Durable.
  [[nodiscard]] Result<TokenEffects> on_need(store::Transaction& tx, Instant now);
  // Whether on_need would start anything, so that most calls cost no transaction.
  [[nodiscard]] bool wants_need(Instant now) const;

  // A call with this generation met 401. A straggler of an older generation starts nothing
  // (INV-A2), nor does a 401 while a refresh is under way. Durable.
  [[nodiscard]] Result<TokenEffects> on_rejected(store::Transaction& tx, std::int64_t generation,
                                                 Instant now);
  // Whether on_rejected would start anything, so that the other 499 of 500 cost no transaction.
  [[nodiscard]] bool wants_rejected(std::int64_t generation) const;

  // A call with this generation was accepted: the previous one is dropped. Ordered.
  [[nodiscard]] Result<TokenEffects> on_accepted(store::Transaction& tx, std::int64_t generation);
  // Whether on_accepted would change anything, so that most answers cost no transaction.
  [[nodiscard]] bool wants_accepted(std::int64_t generation) const;

  // Durable.
  [[nodiscard]] Result<TokenEffects> on_refresh_answer(store::Transaction& tx, std::int64_t attempt,
                                                       const http::Answer& answer, Instant now);

  // The edge offline -> online: a waiting retry goes at once, not within 5 s of its last send.
  // Durable.
  [[nodiscard]] Result<TokenEffects> on_edge(store::Transaction& tx, Instant now);
  [[nodiscard]] Result<TokenEffects> on_wake(store::Transaction& tx, Instant now);

  // Logout: the record goes. Durable.
  [[nodiscard]] Result<TokenEffects> on_clear(store::Transaction& tx);

  [[nodiscard]] TokenState state() const { return state_; }
  // A token to stamp with; nothing unless valid.
  [[nodiscard]] std::optional<AccessToken> access() const;
  // The refresh token for a logout call; null when none.
  [[nodiscard]] SharedSecret<std::string> refresh_token() const;
  // True while a refresh is in flight: a call that needs a token should wait for it rather than
  // give up. False while one waits for its next try, which may be long after the call's own time.
  [[nodiscard]] bool is_resolving() const { return in_flight_.has_value(); }

 private:
  [[nodiscard]] bool is_valid() const { return state_ == TokenState::valid; }
  [[nodiscard]] bool is_waiting() const { return record_.intent && !in_flight_; }
  [[nodiscard]] bool starts_a_second() const;  // never, but in the build with planted faults
  [[nodiscard]] bool can_refresh() const;
  [[nodiscard]] bool is_expiring(Instant now) const;
  [[nodiscard]] bool is_repeat_due(Instant now) const;
  [[nodiscard]] Instant earliest_repeat(Instant now) const;
  [[nodiscard]] const Generation& generation_in_use() const;

  // What is left to be done and said as things stand.
  [[nodiscard]] TokenEffects standing();
  // Makes an intent; nothing is written or sent yet.
  void intend(std::int64_t generation, bool last_chance, Instant due_at, Instant now);
  // Sends the intent's call if it is due, then writes the record.
  [[nodiscard]] Result<TokenEffects> proceed(store::Transaction& tx, Instant now);
  [[nodiscard]] Result<RefreshCall> send(Instant now);
  [[nodiscard]] Status store(store::Transaction& tx);

  [[nodiscard]] Result<TokenEffects> take_pair(store::Transaction& tx, TokenPair pair, Instant now);
  [[nodiscard]] Result<TokenEffects> take_refusal(store::Transaction& tx, Instant now);
  [[nodiscard]] Result<TokenEffects> take_failure(store::Transaction& tx,
                                                  const http::Answer& answer, Instant now);
  [[nodiscard]] Result<TokenEffects> give_up(store::Transaction& tx, Instant now);

  Parts parts_;
  TokenState state_ = TokenState::none;  // as last told
  store::Sealer* token_key_ = nullptr;
  std::string user_id_;
  TokenRecord record_;
  std::optional<std::int64_t> in_flight_;  // the attempt whose answer counts
  http::RepeatedCall refreshes_;           // counted, and never held: all else waits for them
};

}  // namespace landfall::auth
