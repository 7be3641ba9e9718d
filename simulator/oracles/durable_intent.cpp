#include "simulator/oracles/durable_intent.hpp"

#include <nlohmann/json.hpp>

#include "simulator/oracles/token_pairs.hpp"

namespace landfall::oracles {

void DurableIntent::on_request(world::World& world, world::Phone& phone,
                               const http::Request& request,
                               const std::vector<world::SentOperation>&) {
  // Nobody calls while the session has its last chance.
  if (!bearer_of(request).empty()) phones_[&phone].is_refused = false;
  if (!is_refresh(world, request)) return;
  const std::string token = presented_token(world, request);
  const std::string id = refresh_id_of(world, request);
  if (token.empty() || id.empty()) return;
  Intents& intents = phones_[&phone];
  const auto [known, is_new] = intents.id_of.emplace(token, id);
  if (is_new || known->second == id) return;
  if (!intents.is_refused)
    world.violate("INV-A1", phone.name() + " sends a refresh at " + format_rfc3339(world.now()) +
                                " as " + id + ", and sent the same token before as " +
                                known->second);
  known->second = id;
}

void DurableIntent::on_answer(world::World& world, world::Phone& phone,
                              const http::Request& request, const http::Answer& answer) {
  if (is_refresh(world, request) && is_verdict(world, answer)) phones_[&phone].is_refused = true;
}

void DurableIntent::on_event(world::World&, world::Phone& phone, const std::string& event,
                             const nlohmann::json& data) {
  if (event == "session.not_saved") phones_[&phone].is_in_memory = true;
  // Actors that died begin again with what is stored.
  if (event == "engine.state" && data.value("state", "") == "opening") forget_memory(phone);
}

void DurableIntent::on_crash(world::World&, world::Phone& phone, bool) { forget_memory(phone); }

void DurableIntent::on_suspended(world::World&, world::Phone& phone) { forget_memory(phone); }

void DurableIntent::forget_memory(const world::Phone& phone) {
  Intents& intents = phones_[&phone];
  if (intents.is_in_memory || !phone.has_room()) intents.id_of.clear();
  intents.is_in_memory = false;
}

}  // namespace landfall::oracles
