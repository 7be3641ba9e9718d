#include "engine/auth/token_lifecycle.hpp"

#include "engine/auth/token_reply.hpp"
#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"
#include "engine/http/outcome.hpp"
#include "engine/profile/profile.hpp"
#include "engine/profile/template.hpp"
#include "engine/store/token_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace landfall::auth {
namespace {

constexpr Duration kResendGap{limits::kResendGapMs};
constexpr std::array<Duration, 3> kLadder = {Duration{5'000}, Duration{30'000}, Duration{120'000}};

// The wait after the nth failure in a row; the last step repeats for as long as it takes.
Duration ladder(int failures) {
  const auto step = static_cast<std::size_t>(std::max(failures, 1) - 1);
  return kLadder[std::min(step, kLadder.size() - 1)];
}

Generation generation_of(TokenPair pair, std::int64_t number, Instant now) {
  return Generation{number, share(std::move(pair.access)), share(std::move(pair.refresh)),
                    pair.access_lifetime, now + pair.access_lifetime};
}

// Another run's clock may have been anywhere: an expiry is never later than a whole lifetime from
// now, so that a stored instant can cost one refresh too many and never one too late (INV-A10).
void clamp_expiry(std::optional<Generation>& generation, Instant now) {
  if (generation)
    generation->expires_at = std::min(generation->expires_at, now + generation->access_lifetime);
}

}  // namespace

TokenLifecycle::TokenLifecycle(Parts parts)
    : parts_(std::move(parts)), refreshes_(parts_.repeats, http::RepeatRank::accepted) {}

Result<TokenEffects> TokenLifecycle::on_open(store::Transaction& tx, store::Sealer& token_key,
                                             std::string user_id, Instant now) {
  token_key_ = &token_key;
  if (record_.current && user_id_ == user_id) return standing();
  user_id_ = std::move(user_id);
  in_flight_.reset();
  record_ = {};
  LANDFALL_TRY_ASSIGN(auto loaded, load_record(tx, token_key, user_id_));
  if (!loaded) {
    user_id_.clear();
    return standing();
  }
  record_ = std::move(*loaded);
  clamp_expiry(record_.current, now);
  clamp_expiry(record_.previous, now);
  record_.last_sent_at = std::min(record_.last_sent_at, now);
  if (!record_.intent) return standing();
  auto& held_until = record_.intent->held_until;
  if (held_until) held_until = std::min(*held_until, now + parts_.profile.sync.retry_after_max);
  record_.intent->due_at = earliest_repeat(now);
  return proceed(tx, now);
}

Result<TokenEffects> TokenLifecycle::on_login(store::Transaction& tx, store::Sealer& token_key,
                                              std::string user_id, TokenPair pair, Instant now) {
  // Only the clear number is read: a record that does not open must not keep its owner out.
  LANDFALL_TRY_ASSIGN(const auto row, store::read_tokens(tx, user_id));
  TokenRecord fresh;
  fresh.last_attempt = record_.last_attempt;
  fresh.last_generation = std::max(record_.last_generation, row ? row->generation : 0) + 1;
  fresh.current = generation_of(std::move(pair), fresh.last_generation, now);
  token_key_ = &token_key;
  user_id_ = std::move(user_id);
  record_ = std::move(fresh);
  in_flight_.reset();
  LANDFALL_TRY_ASSIGN(TokenEffects effects, proceed(tx, now));
  effects.changed =
      state_;  // also from one valid pair to another: whoever stamps must stop using the old one
  return effects;
}

Result<TokenEffects> TokenLifecycle::on_need(store::Transaction& tx, Instant now) {
  if (!wants_need(now)) return standing();
  if (is_valid() || starts_a_second()) intend(record_.current->number, false, now, now);
  return proceed(tx, now);
}

bool TokenLifecycle::wants_need(Instant now) const {
  if (starts_a_second()) return true;
  return is_valid() ? is_expiring(now) : is_repeat_due(now);
}

Result<TokenEffects> TokenLifecycle::on_rejected(store::Transaction& tx, std::int64_t generation,
                                                 Instant now) {
  if (!wants_rejected(generation)) return standing();
  if (!can_refresh()) return give_up(tx, now);
  Instant due_at = now;
  if (record_.previous) {
    ++record_.unproven;
    due_at = std::max(now, record_.last_sent_at + ladder(record_.unproven));
  }
  intend(generation, false, due_at, now);
  return proceed(tx, now);
}

bool TokenLifecycle::wants_rejected(std::int64_t generation) const {
  const bool is_current = record_.current && record_.current->number == generation;
  return is_current && (is_valid() || starts_a_second());
}

Result<TokenEffects> TokenLifecycle::on_accepted(store::Transaction& tx, std::int64_t generation) {
  if (!wants_accepted(generation)) return standing();
  if (!mutant::is(mutant::Mutant::keep_previous_pair)) record_.previous.reset();
  record_.unproven = 0;
  LANDFALL_TRY(store(tx));
  return standing();
}

bool TokenLifecycle::wants_accepted(std::int64_t generation) const {
  if (!record_.current || record_.current->number != generation || !record_.previous) return false;
  // While the previous pair is the last chance, a late success of the refused one must not take it
  // away.
  return !record_.intent || record_.intent->generation == generation;
}

Result<TokenEffects> TokenLifecycle::on_refresh_answer(store::Transaction& tx, std::int64_t attempt,
                                                       const http::Answer& answer, Instant now) {
  if (in_flight_ != attempt) return standing();
  in_flight_.reset();
  refreshes_.on_answer(answer);
  if (answer.response && answer.response->status / 100 == 2) {
    if (auto pair = parse_token_pair(parts_.profile, kRefreshEndpoint, *answer.response)) {
      return take_pair(tx, std::move(*pair), now);
    }
  }
  const bool ends_it = is_definitive_refusal(parts_.profile, answer) ||
                       mutant::is(mutant::Mutant::end_on_any_failure);
  if (ends_it) return take_refusal(tx, now);
  return take_failure(tx, answer, now);
}

Result<TokenEffects> TokenLifecycle::on_edge(store::Transaction& tx, Instant now) {
  if (!is_waiting()) return standing();
  record_.intent->failures = 0;  // they told about the way that is gone
  record_.intent->due_at = earliest_repeat(now);
  return proceed(tx, now);
}

Result<TokenEffects> TokenLifecycle::on_wake(store::Transaction& tx, Instant now) {
  if (!is_repeat_due(now)) return standing();
  return proceed(tx, now);
}

Result<TokenEffects> TokenLifecycle::on_clear(store::Transaction& tx) {
  if (!user_id_.empty()) LANDFALL_TRY(store::remove_tokens(tx, user_id_));
  // Numbers go on, so that what is still under way for the old session meets nothing of a new one.
  TokenRecord empty;
  empty.last_generation = record_.last_generation;
  empty.last_attempt = record_.last_attempt;
  record_ = std::move(empty);
  in_flight_.reset();
  user_id_.clear();
  token_key_ = nullptr;
  return standing();
}

std::optional<AccessToken> TokenLifecycle::access() const {
  if (!is_valid()) return std::nullopt;
  return AccessToken{record_.current->number, record_.current->access};
}

SharedSecret<std::string> TokenLifecycle::refresh_token() const {
  return record_.current ? record_.current->refresh : nullptr;
}

bool TokenLifecycle::starts_a_second() const {
  return mutant::is(mutant::Mutant::two_refreshes) && in_flight_;
}

bool TokenLifecycle::can_refresh() const {
  return parts_.profile.endpoint(kRefreshEndpoint) != nullptr;
}

bool TokenLifecycle::is_expiring(Instant now) const {
  const Duration lifetime = record_.current->access_lifetime;
  const Duration ahead = parts_.profile.auth.refresh.ahead;
  if (mutant::is(mutant::Mutant::refresh_every_time)) return can_refresh();
  if (lifetime <= Duration{0} || ahead <= Duration{0} || !can_refresh()) return false;
  // A life shorter than twice the lead would be refreshed most of the time.
  return record_.current->expires_at - std::min(ahead, lifetime / 2) <= now;
}

bool TokenLifecycle::is_repeat_due(Instant now) const {
  return is_waiting() && record_.intent->due_at <= now;
}

Instant TokenLifecycle::earliest_repeat(Instant now) const {
  return std::max(
      {now, record_.intent->held_until.value_or(now), record_.last_sent_at + kResendGap});
}

const Generation& TokenLifecycle::generation_in_use() const {
  LANDFALL_ASSERT(record_.intent && record_.current);
  if (record_.intent->generation == record_.current->number) return *record_.current;
  LANDFALL_ASSERT(record_.previous && record_.previous->number == record_.intent->generation);
  return *record_.previous;
}

TokenEffects TokenLifecycle::standing() {
  TokenState state = TokenState::valid;
  if (user_id_.empty()) {
    state = TokenState::none;
  } else if (!record_.current) {
    state = TokenState::reauth_required;
  } else if (record_.intent) {
    state = TokenState::refreshing;
  }
  TokenEffects effects;
  if (state != state_) effects.changed = state;
  if (is_waiting()) effects.wake_at = record_.intent->due_at;
  state_ = state;
  return effects;
}

void TokenLifecycle::intend(std::int64_t generation, bool last_chance, Instant due_at,
                            Instant now) {
  RefreshIntent intent;
  intent.id = make_id<RequestId>(now, parts_.secure_random);
  intent.generation = generation;
  intent.last_chance = last_chance;
  intent.due_at = due_at;
  record_.intent = intent;
  in_flight_.reset();
}

Result<TokenEffects> TokenLifecycle::proceed(store::Transaction& tx, Instant now) {
  std::optional<RefreshCall> call;
  if (is_repeat_due(now)) {
    LANDFALL_TRY_ASSIGN(call, send(now));
  }
  LANDFALL_TRY(store(tx));
  TokenEffects effects = standing();
  effects.refresh = std::move(call);
  return effects;
}

Result<RefreshCall> TokenLifecycle::send(Instant now) {
  const profile::Endpoint* endpoint = parts_.profile.endpoint(kRefreshEndpoint);
  if (endpoint == nullptr || !endpoint->body) {
    return failure(ErrorClass::invalid, "profile.missing",
                   "the profile names no refresh endpoint with a body");
  }
  const Json values = {{"refresh_token", generation_in_use().refresh->reveal()},
                       {"device_id", parts_.device_id}};
  LANDFALL_TRY_ASSIGN(const Json body, profile::fill_json(*endpoint->body, values));
  http::ApiCall call{std::string{kRefreshEndpoint}, {}, {}, dump_json(body)};
  if (mutant::is(mutant::Mutant::new_refresh_id))
    record_.intent->id = make_id<RequestId>(now, parts_.secure_random);
  const std::string& id_header = parts_.profile.auth.refresh.id_header;
  if (!id_header.empty()) http::set_header(call.headers, id_header, to_text(record_.intent->id));
  record_.last_sent_at = now;
  refreshes_.on_sent(now);
  in_flight_ = ++record_.last_attempt;
  return RefreshCall{*in_flight_, std::move(call)};
}

Status TokenLifecycle::store(store::Transaction& tx) {
  if (mutant::is(mutant::Mutant::drop_old_token_first) && in_flight_)
    return store::remove_tokens(tx, user_id_);
  return store_record(tx, *token_key_, user_id_, record_);
}

Result<TokenEffects> TokenLifecycle::take_pair(store::Transaction& tx, TokenPair pair,
                                               Instant now) {
  record_.previous = Generation{generation_in_use()};
  record_.current = generation_of(std::move(pair), ++record_.last_generation, now);
  record_.intent.reset();
  return proceed(tx, now);
}

Result<TokenEffects> TokenLifecycle::take_refusal(store::Transaction& tx, Instant now) {
  const bool other_left = record_.previous && !record_.intent->last_chance;
  if (!other_left) return give_up(tx, now);
  intend(record_.previous->number, true, now, now);
  return proceed(tx, now);
}

Result<TokenEffects> TokenLifecycle::take_failure(store::Transaction& tx,
                                                  const http::Answer& answer, Instant now) {
  RefreshIntent& intent = *record_.intent;
  if (const auto hold = server_hold(parts_.profile, answer, now)) {
    intent.due_at = now + *hold;
    intent.held_until = intent.due_at;
  } else {
    intent.due_at = now + ladder(++intent.failures);
  }
  return proceed(tx, now);
}

Result<TokenEffects> TokenLifecycle::give_up(store::Transaction& tx, Instant now) {
  // What was refused is of no use to us, and of some to a thief.
  record_.current.reset();
  record_.previous.reset();
  record_.intent.reset();
  record_.unproven = 0;
  return proceed(tx, now);
}

}  // namespace landfall::auth
