#include "simulator/oracles/single_refresh.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "simulator/oracles/token_pairs.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

// No call takes longer; one that was cancelled ends without an answer.
constexpr Duration kCallMax{30'000};

// A phone whose session was refused tries the other generation it holds, once, before it gives up:
// a second intent for a token, but not beside the first.
bool is_last_chance(const backend::Ledger& ledger, const backend::ConcurrentRefresh& found) {
  return std::any_of(ledger.refreshes().begin(), ledger.refreshes().end(), [&](const auto& other) {
    return other.family_id == found.family_id && other.generation != found.generation &&
           other.outcome == backend::RefreshOutcome::refused && other.at <= found.at;
  });
}

// As it stands in a header; nothing unless the answer brings a whole pair.
std::optional<std::string> access_in(const http::Answer& answer) {
  if (!answer.response || answer.response->status / 100 != 2) return std::nullopt;
  const auto body = nlohmann::json::parse(answer.response->body, nullptr, false);
  if (!body.is_object() || !body.contains("accessToken") || !body["accessToken"].is_string())
    return std::nullopt;
  if (!body.contains("refreshToken") || !body["refreshToken"].is_string()) return std::nullopt;
  return "Bearer " + body["accessToken"].get<std::string>();
}

}  // namespace

void SingleRefresh::on_request(world::World& world, world::Phone& phone,
                               const http::Request& request,
                               const std::vector<world::SentOperation>&) {
  const auto& routes = world.routes();
  auto& tokens = phones_[&phone];
  const bool says_farewell = is_farewell(world, request);
  if (request.target == routes.refresh && !says_farewell)
    note_refresh(world, phone, tokens, request);
  // The end of a session cancels its calls.
  if (request.target == routes.logout) tokens.refreshing_since.reset();
  if (says_farewell) return;
  if (request.target == routes.login || request.target == routes.second_factor_login)
    tokens.login_between = true;
  const std::string bearer = http::header_text(request.headers, "Authorization");
  if (!bearer.empty() && bearer == tokens.offered) {
    note_access(tokens, bearer, world.now());
    tokens.offered.clear();
    // A refresh that is in flight is one of the session before, and its pair nobody's.
    tokens.refreshing_since.reset();
    tokens.login_between = true;
  }
  // Within the instant of its arrival the new pair may still be on its way to those who stamp.
  const bool may_be_on_its_way = world.now() <= tokens.access_at + world.lag();
  if (bearer.empty() || !tokens.retired.contains(bearer) || may_be_on_its_way) return;
  world.violate("INV-A2", phone.name() + " calls " + request.target + " at " +
                              format_rfc3339(world.now()) +
                              " with an access token that was replaced at " +
                              format_rfc3339(tokens.access_at));
}

void SingleRefresh::note_refresh(world::World& world, const world::Phone& phone,
                                 PhoneTokens& tokens, const http::Request& request) {
  const bool in_flight =
      tokens.refreshing_since && world.now() < *tokens.refreshing_since + kCallMax;
  if (in_flight) {
    world.violate("INV-A2", phone.name() + " starts a refresh at " + format_rfc3339(world.now()) +
                                " while the one of " + format_rfc3339(*tokens.refreshing_since) +
                                " is in flight");
  }
  tokens.refreshing_since = world.now();
  tokens.refresh_request = http::header_text(request.headers, "X-Request-Id");
  unsaved_.on_sent(phone, refresh_id_of(world, request), world.now());
  tokens.login_between = false;
}

void SingleRefresh::on_event(world::World& world, world::Phone& phone, const std::string& event,
                             const nlohmann::json& data) {
  auto& tokens = phones_[&phone];
  if (event == "session.not_saved") {
    unsaved_.on_told(phone, world.now());
    tokens.is_in_memory = true;
  }
  // What stops to begin anew cancels its calls, and goes on with what is stored.
  if (event == "engine.state" && data.value("state", "") == "opening") forget_memory(world, phone);
}

void SingleRefresh::on_cancel(world::World&, world::Phone& phone, const http::Request& request) {
  auto& tokens = phones_[&phone];
  if (http::header_text(request.headers, "X-Request-Id") == tokens.refresh_request)
    tokens.refreshing_since.reset();
}

void SingleRefresh::on_answer(world::World& world, world::Phone& phone,
                              const http::Request& request, const http::Answer& answer) {
  const auto& routes = world.routes();
  auto& tokens = phones_[&phone];
  if (request.target == routes.login || request.target == routes.second_factor_login)
    tokens.offered = access_in(answer).value_or("");
  if (request.target != routes.refresh) return;
  if (http::header_text(request.headers, "X-Request-Id") != tokens.refresh_request) return;
  tokens.refreshing_since.reset();
  if (tokens.login_between) return;
  if (const auto access = access_in(answer)) note_access(tokens, *access, world.now());
}

void SingleRefresh::note_access(PhoneTokens& tokens, const std::string& access, Instant now) {
  if (!tokens.access.empty() && tokens.access != access) tokens.retired.insert(tokens.access);
  tokens.retired.erase(access);
  tokens.access = access;
  tokens.access_at = now;
}

void SingleRefresh::on_crash(world::World& world, world::Phone& phone, bool) {
  forget_memory(world, phone);
}

// The new pair of this instant may not have reached the disk: the power went, or the disk refused
// to sync it, so that nobody may use it and the engine opens its store again (INV-S5).
void SingleRefresh::forget_memory(const world::World& world, const world::Phone& phone) {
  auto& tokens = phones_[&phone];
  unsaved_.on_died(phone, world.now(), phone.has_room());
  tokens.refreshing_since.reset();
  const bool is_without_room = std::exchange(tokens.is_in_memory, false) || !phone.has_room();
  if (!is_without_room && world.now() > tokens.access_at + world.lag()) return;
  tokens.retired.clear();
  tokens.access.clear();
}

void SingleRefresh::on_end(world::World& world) {
  world.with_backend([&](const auto& backend, Instant) { judge_ledger(world, backend.ledger()); });
}

void SingleRefresh::judge_ledger(world::World& world, const backend::Ledger& ledger) {
  for (const auto& found : ledger.concurrent_refreshes()) {
    if (is_last_chance(ledger, found)) continue;
    if (unsaved_.lost_the_earlier(found.first_refresh_id, found.second_refresh_id)) continue;
    world.violate("INV-A2", "the server saw two refreshes, " + found.first_refresh_id + " and " +
                                found.second_refresh_id + ", of one token (family " +
                                found.family_id + ", generation " +
                                std::to_string(found.generation) + ") at " +
                                format_rfc3339(found.at));
  }
}

}  // namespace landfall::oracles
