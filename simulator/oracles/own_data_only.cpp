#include "simulator/oracles/own_data_only.hpp"

#include <nlohmann/json.hpp>

#include "simulator/oracles/organisation.hpp"
#include "simulator/oracles/token_pairs.hpp"

namespace landfall::oracles {

void OwnDataOnly::on_intent(world::World&, world::Phone& phone, const world::Intent& intent) {
  user_of_operation_[intent.id] = intent.user;
  organisation_of_operation_.emplace(intent.id, organisations_[&phone]);
}

void OwnDataOnly::on_boot(world::World&, world::Phone& phone) { active_[&phone].clear(); }

// A pair belongs to whom the login names, and the next ones to the same.
void OwnDataOnly::on_answer(world::World& world, world::Phone&, const http::Request& request,
                            const http::Answer& answer) {
  const auto pair = pair_in(world, request, answer);
  if (!pair) return;
  const std::string& user =
      pair->user_id.empty() ? user_of_refresh_[presented_token(world, request)] : pair->user_id;
  if (user.empty()) return;
  user_of_access_[pair->access] = user;
  user_of_refresh_[pair->refresh] = user;
}

void OwnDataOnly::on_request(world::World& world, world::Phone& phone, const http::Request& request,
                             const std::vector<world::SentOperation>& operations) {
  judge_organisation(world, phone, request, operations);
  const auto caller = user_of_access_.find(bearer_of(request));
  if (caller == user_of_access_.end()) return;
  for (const auto& sent : operations) {
    const auto owner = user_of_operation_.find(sent.id);
    if (owner == user_of_operation_.end() || owner->second == caller->second) continue;
    world.violate("INV-A13", phone.name() + " sends " + sent.id + " of user " + owner->second +
                                 " at " + format_rfc3339(world.now()) + " with the token of user " +
                                 caller->second);
  }
}

void OwnDataOnly::judge_organisation(world::World& world, const world::Phone& phone,
                                     const http::Request& request,
                                     const std::vector<world::SentOperation>& operations) const {
  const auto named = organisation_of(world, request);
  if (!named) return;
  for (const auto& sent : operations) {
    const auto made_in = organisation_of_operation_.find(sent.id);
    if (made_in == organisation_of_operation_.end() || made_in->second == *named) continue;
    world.violate("INV-A13", phone.name() + " sends " + sent.id + " of organisation '" +
                                 made_in->second + "' at " + format_rfc3339(world.now()) +
                                 " in the name of '" + *named + "'");
  }
}

std::string OwnDataOnly::foreign_in(const world::Phone& phone, const nlohmann::json& value) {
  if (value.is_structured()) {
    for (const auto& part : value) {
      if (auto found = foreign_in(phone, part); !found.empty()) return found;
    }
  }
  if (!value.is_string()) return {};
  const auto& active = active_[&phone];
  const auto owner = user_of_operation_.find(value.get<std::string>());
  if (active.empty() || owner == user_of_operation_.end() || owner->second == active) return {};
  return owner->first + " of user " + owner->second;
}

void OwnDataOnly::on_event(world::World& world, world::Phone& phone, const std::string& event,
                           const nlohmann::json& data) {
  if (event == "session.status") {
    const auto status = data.value("status", "");
    const bool is_somebody = status == "authenticated" || status == "reauthRequired";
    active_[&phone] = is_somebody ? data.value("user_id", "") : std::string{};
    organisations_[&phone] = organisation_in(data);
    return;
  }
  const auto found = foreign_in(phone, data);
  if (found.empty()) return;
  world.violate("INV-A13", phone.name() + " tells " + event + " of operation " + found + " at " +
                               format_rfc3339(world.now()) + ", while user " + active_[&phone] +
                               " is logged in");
}

void OwnDataOnly::on_view(world::World& world, world::Phone& phone, const nlohmann::json&,
                          const nlohmann::json& result) {
  const auto found = foreign_in(phone, result);
  if (found.empty()) return;
  world.violate("INV-A13", phone.name() + " shows operation " + found + " at " +
                               format_rfc3339(world.now()) + " to user " + active_[&phone]);
}

void OwnDataOnly::on_end(world::World& world) {
  world.with_backend([&](const auto& backend, Instant) {
    for (const auto& violation : backend.ledger().violations()) {
      if (violation.kind != "foreign_operation") continue;
      world.violate("INV-A13", "the server saw the operation " + violation.operation_id +
                                   " of somebody else: " + violation.detail);
    }
  });
}

}  // namespace landfall::oracles
