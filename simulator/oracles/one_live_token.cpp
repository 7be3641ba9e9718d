#include "simulator/oracles/one_live_token.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

#include <nlohmann/json.hpp>

#include "simulator/oracles/needles.hpp"
#include "simulator/oracles/token_pairs.hpp"

namespace landfall::oracles {

void OneLiveToken::on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                             const http::Answer& answer) {
  // The pair of a farewell's refresh goes with the farewell.
  if (is_farewell(world, request)) return;
  Copies& copies = phones_[&phone];
  if (is_refresh(world, request) && is_verdict(world, answer)) copies.is_refused = true;
  if (const auto pair = pair_in(world, request, answer)) {
    const auto [known, is_new] = copies.by_refresh.emplace(pair->refresh, copies.last + 1);
    if (is_new) ++copies.last;
    copies.by_access[pair->access] = known->second;
    if (!is_refresh(world, request)) copies.since_login = known->second;
  }
  // While the one before is the session's last chance, a late success takes nothing away.
  if (!answer.response || copies.is_refused) return;
  const bool is_accepted = answer.response->status != 401 && answer.response->status < 500;
  const auto found = copies.by_access.find(bearer_of(request));
  if (!is_accepted || found == copies.by_access.end() || found->second <= copies.accepted) return;
  copies.accepted = found->second;
  copies.accepted_at = world.now();
}

void OneLiveToken::on_request(world::World& world, world::Phone& phone,
                              const http::Request& request,
                              const std::vector<world::SentOperation>&) {
  if (const auto device = http::find_header(request.headers, "X-Device-Id"))
    device_of_[&phone] = *device;
  // Nobody calls while the session has its last chance.
  const bool says_farewell = is_farewell(world, request);
  if (!bearer_of(request).empty() && !says_farewell) phones_[&phone].is_refused = false;
  const std::string token = presented_token(world, request);
  if (token.empty()) return;
  const Copies& copies = phones_[&phone];
  const auto found = copies.by_refresh.find(token);
  if (found == copies.by_refresh.end() || found->second >= copies.accepted) return;
  // A session that is over gives up its own token, also when the next has begun.
  if (says_farewell && found->second < copies.since_login) return;
  if (world.now() <= copies.accepted_at + world.lag()) return;
  world.violate("INV-A5", phone.name() + " presents refresh token " +
                              std::to_string(found->second) + " at " + format_rfc3339(world.now()) +
                              ", and the server accepted pair " + std::to_string(copies.accepted) +
                              " at " + format_rfc3339(copies.accepted_at));
}

void OneLiveToken::on_event(world::World& world, world::Phone& phone, const std::string& event,
                            const nlohmann::json& data) {
  if (event == "session.not_saved") without_room_.insert(device_of_[&phone]);
  if (event == "engine.state" && data.value("state", "") == "opening")
    on_crash(world, phone, false);
}

void OneLiveToken::on_crash(world::World&, world::Phone& phone, bool) {
  phones_[&phone].accepted = 0;
  if (!phone.has_room()) without_room_.insert(device_of_[&phone]);
}

void OneLiveToken::on_suspended(world::World& world, world::Phone& phone) {
  on_crash(world, phone, false);
}

void OneLiveToken::judge_secrets(world::World& world, const world::Phone& phone,
                                 const Copies& copies) {
  Needles tokens;
  for (const auto& [token, number] : copies.by_refresh)
    tokens.add("refresh token " + std::to_string(number), token);
  for (const auto& [name, value] : phone.keychain()) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(value.data());
    const auto found = tokens.find(std::span(bytes, value.size()));
    if (!found) continue;
    world.violate("INV-A5", phone.name() + " keeps " + found->what + " a second time, as the " +
                                "secret " + name);
  }
}

void OneLiveToken::judge_ledger(world::World& world, const backend::Ledger& ledger) {
  for (const auto& decision : ledger.refreshes()) {
    const bool is_alarm =
        decision.mode == backend::RefreshMode::until_used && decision.reason == "reuse";
    if (!is_alarm || without_room_.contains(decision.device_id)) continue;
    world.violate("INV-A5", "device " + decision.device_id + " presented generation " +
                                std::to_string(decision.generation) + " at " +
                                format_rfc3339(decision.at) +
                                ", whose successor was used: the alarm fired, and there is no "
                                "thief");
  }
}

void OneLiveToken::on_end(world::World& world) {
  for (const auto& [phone, copies] : phones_) judge_secrets(world, *phone, copies);
  world.with_backend([&](const auto& backend, Instant) { judge_ledger(world, backend.ledger()); });
}

}  // namespace landfall::oracles
