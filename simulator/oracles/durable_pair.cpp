#include "simulator/oracles/durable_pair.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace landfall::oracles {
namespace {

int number_of(const std::map<std::string, int>& numbers, const std::string& token) {
  const auto found = numbers.find(token);
  return found == numbers.end() ? 0 : found->second;
}

}  // namespace

void DurablePair::on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                            const http::Answer& answer) {
  if (is_farewell(world, request)) return;
  Pairs& pairs = phones_[&phone];
  if (is_refresh(world, request) && is_verdict(world, answer)) pairs.is_refused = true;
  const auto pair = pair_in(world, request, answer);
  if (!pair) return;
  if (is_refresh(world, request)) {
    note_pair(pairs, *pair);
  } else {
    pairs.offered = *pair;
  }
}

// A repeated answer brings the pair that was made before, with another access token at most.
void DurablePair::note_pair(Pairs& pairs, const SeenPair& pair) {
  const auto [known, is_new] = pairs.by_refresh.emplace(pair.refresh, pairs.last + 1);
  if (is_new) ++pairs.last;
  pairs.by_access[pair.access] = known->second;
}

void DurablePair::on_request(world::World& world, world::Phone& phone, const http::Request& request,
                             const std::vector<world::SentOperation>&) {
  if (is_farewell(world, request)) return;
  Pairs& pairs = phones_[&phone];
  const std::string access = bearer_of(request);
  const std::string refresh = presented_token(world, request);
  const auto& offered = pairs.offered;
  if (offered && (access == offered->access || refresh == offered->refresh))
    note_pair(pairs, *std::exchange(pairs.offered, std::nullopt));
  if (!access.empty()) {
    pairs.is_refused = false;  // nobody calls while the session has its last chance
    note_use(world, phone, pairs, number_of(pairs.by_access, access), request.target);
  }
  if (refresh.empty() || pairs.is_refused) return;
  note_use(world, phone, pairs, number_of(pairs.by_refresh, refresh), request.target);
}

void DurablePair::note_use(world::World& world, const world::Phone& phone, Pairs& pairs, int number,
                           const std::string& target) {
  if (number == 0) return;
  if (number >= pairs.used) {
    if (number > pairs.used) pairs.used_at = world.now();
    pairs.used = number;
    return;
  }
  // Within the instant in which the new one arrived, a call may still carry the one before.
  if (world.now() <= pairs.used_at + world.lag()) return;
  world.violate("INV-A4", phone.name() + " calls " + target + " at " + format_rfc3339(world.now()) +
                              " with pair " + std::to_string(number) + ", and used pair " +
                              std::to_string(pairs.used) + " at " + format_rfc3339(pairs.used_at));
}

void DurablePair::on_event(world::World&, world::Phone& phone, const std::string& event,
                           const nlohmann::json& data) {
  if (event == "session.not_saved") phones_[&phone].is_in_memory = true;
  if (event == "engine.state" && data.value("state", "") == "opening") forget_memory(phone);
}

void DurablePair::on_crash(world::World&, world::Phone& phone, bool) { forget_memory(phone); }

void DurablePair::on_suspended(world::World&, world::Phone& phone) { forget_memory(phone); }

void DurablePair::forget_memory(const world::Phone& phone) {
  Pairs& pairs = phones_[&phone];
  if (pairs.is_in_memory || !phone.has_room()) pairs.used = 0;
  pairs.is_in_memory = false;
}

}  // namespace landfall::oracles
