#include "simulator/oracles/refresh_by_lifetime.hpp"

#include <algorithm>
#include <cstdint>

#include <nlohmann/json.hpp>

#include "simulator/oracles/token_pairs.hpp"

namespace landfall::oracles {
namespace {

// The step that decides on a refresh and the one that sends it.
constexpr Duration kSlack{1'000};

Duration ahead_of(const world::World& world) {
  const nlohmann::json::json_pointer ahead{"/auth/refresh/ahead_s"};
  if (!world.profile().contains(ahead)) return Duration{0};
  return std::chrono::seconds{world.profile()[ahead].get<std::int64_t>()};
}

// A hub refuses a token without an answer that could be seen here.
bool hears_of_every_refusal(const world::World& world) {
  return !world.profile().contains("realtime");
}

}  // namespace

void RefreshByLifetime::on_answer(world::World& world, world::Phone& phone,
                                  const http::Request& request, const http::Answer& answer) {
  Tokens& tokens = phones_[&phone];
  if (const auto pair = pair_in(world, request, answer)) {
    tokens.by_access[pair->access] = {world.now(), pair->lifetime, false};
    tokens.access_beside[pair->refresh] = pair->access;
  }
  if (!answer.response || answer.response->status != 401) return;
  const auto found = tokens.by_access.find(bearer_of(request));
  if (found != tokens.by_access.end()) found->second.is_refused = true;
}

void RefreshByLifetime::on_request(world::World& world, world::Phone& phone,
                                   const http::Request& request,
                                   const std::vector<world::SentOperation>&) {
  Tokens& tokens = phones_[&phone];
  // A farewell may be said with a token that ran out long ago: its 401 renews the pair.
  if (!is_farewell(world, request)) judge_use(world, phone, tokens, request);
  if (is_refresh(world, request))
    judge_refresh(world, phone, tokens, presented_token(world, request));
}

void RefreshByLifetime::judge_refresh(world::World& world, const world::Phone& phone,
                                      Tokens& tokens, const std::string& refresh) {
  const auto beside = tokens.access_beside.find(refresh);
  if (beside == tokens.access_beside.end() || !tokens.presented.insert(refresh).second) return;
  const Token& token = tokens.by_access[beside->second];
  // A server that does not say how long a token lives may have said it in the token.
  if (token.is_refused || token.lifetime <= Duration{0} || !hears_of_every_refusal(world)) return;
  const Duration age = world.now() - token.came_at;
  const Duration lead = std::min(ahead_of(world), token.lifetime / 2);
  const bool is_due = lead > Duration{0} && age + kSlack >= token.lifetime - lead;
  if (is_due) return;
  world.violate("INV-A10", phone.name() + " refreshes at " + format_rfc3339(world.now()) +
                               " a token that is " + std::to_string(age.count() / 1'000) +
                               " s old, lives " + std::to_string(token.lifetime.count() / 1'000) +
                               " s, and was refused by nobody");
}

void RefreshByLifetime::judge_use(world::World& world, const world::Phone& phone,
                                  const Tokens& tokens, const http::Request& request) {
  const auto found = tokens.by_access.find(bearer_of(request));
  if (found == tokens.by_access.end() || found->second.lifetime <= Duration{0}) return;
  if (ahead_of(world) <= Duration{0}) return;
  const Duration age = world.now() - found->second.came_at;
  if (age <= found->second.lifetime + kSlack) return;
  world.violate("INV-A10", phone.name() + " calls " + request.target + " at " +
                               format_rfc3339(world.now()) + " with a token that ran out " +
                               std::to_string((age - found->second.lifetime).count() / 1'000) +
                               " s ago");
}

}  // namespace landfall::oracles
