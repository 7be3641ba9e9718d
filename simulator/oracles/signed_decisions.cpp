#include "simulator/oracles/signed_decisions.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/attest/attestation.hpp"
#include "engine/base/json.hpp"
#include "simulator/oracles/outbox.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

// Beside the operation, or once for all of a call.
Json attestation_of(const Json& body, std::size_t index) {
  if (!body.is_object()) return {};
  if (body.contains("attestation")) return body["attestation"];
  const auto listed = body.find("operations");
  if (listed == body.end() || !listed->is_array() || index >= listed->size()) return {};
  return (*listed)[index].value("attestation", Json());
}

// By its own hand, as the other oracles look: attest::covers is what is judged here.
bool covers(const attest::Attestation& made, const world::SentOperation& sent,
            const std::string& action) {
  const auto id = parse_id<OperationId>(sent.id);
  if (!id) return false;
  const auto decided = attest::attested({*id, sent.entity, action, sent.payload});
  const auto& said = made.statement.operations;
  return std::find(said.begin(), said.end(), decided) != said.end();
}

}  // namespace

void SignedDecisions::read_rules(world::World& world) {
  if (std::exchange(is_read_, true)) return;
  needed_ = world.ask_backend([](const auto& backend) { return backend.options().attested; });
  fields_ =
      world.ask_backend([](const auto& backend) { return backend.options().attestation_fields; });
}

void SignedDecisions::on_request(world::World& world, world::Phone& phone,
                                 const http::Request& request,
                                 const std::vector<world::SentOperation>& operations) {
  read_rules(world);
  if (needed_.empty() || operations.empty()) return;
  const Json body = Json::parse(request.body, nullptr, false);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const auto& sent = operations[i];
    const auto* booked = book_.find(sent.id);
    if (booked == nullptr || !needed_.contains(sent.entity.type + "/" + booked->action)) continue;
    const auto made = attest::from_json(attestation_of(body, i), fields_);
    const bool is_proven = made && attest::is_sound(*made) && covers(*made, sent, booked->action) &&
                           made->statement.user_id == phone.user_id();
    if (is_proven) continue;
    world.violate("C-25", describe(phone, *booked) + " leaves at " + format_rfc3339(world.now()) +
                              " without an attestation that covers it");
  }
}

}  // namespace landfall::oracles
