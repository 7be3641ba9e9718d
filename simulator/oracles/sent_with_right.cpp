#include "simulator/oracles/sent_with_right.hpp"

#include <nlohmann/json.hpp>

#include "simulator/oracles/outbox.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

// Whether it was on its way already when the right went.
bool was_sending(const BookedOperation& operation, Instant at) {
  std::string state;
  for (const auto& told : operation.told) {
    if (told.at > at) break;
    state = told.state;
  }
  return state == "sending";
}

bool waits_for_its_turn(const std::string& state) {
  return state == "queued" || state == "unknown";
}

}  // namespace

std::string SentWithRight::right_for(world::World& world, const BookedOperation& operation) {
  if (!std::exchange(is_read_, true))
    needed_ = world.ask_backend([](const auto& backend) { return backend.options().rights; });
  const auto found = needed_.find(operation.entity.type + "/" + operation.action);
  return found == needed_.end() ? std::string{} : found->second;
}

void SentWithRight::on_event(world::World& world, world::Phone& phone, const std::string& event,
                             const nlohmann::json& data) {
  if (event != "permissions.changed") return;
  Rights& rights = phones_[&phone];
  judge_early(world, rights, world.now());
  const auto held = data.value("permissions", std::set<std::string>{});
  for (const auto& right : rights.held) {
    if (!held.contains(right)) rights.lost_at[right] = world.now();
  }
  for (const auto& right : held) rights.lost_at.erase(right);
  std::erase_if(rights.early, [&](const Early& early) { return held.contains(early.right); });
  rights.is_known = data.value("known", false);
  rights.held = held;
}

void SentWithRight::on_request(world::World& world, world::Phone& phone, const http::Request&,
                               const std::vector<world::SentOperation>& operations) {
  Rights& rights = phones_[&phone];
  judge_early(world, rights, world.now());
  for (const auto& sent : operations) {
    const auto* operation = book_.find(sent.id);
    if (operation == nullptr) continue;
    const auto lost = rights.lost_at.find(right_for(world, *operation));
    if (lost == rights.lost_at.end() || world.now() <= lost->second + world.lag()) continue;
    if (was_sending(*operation, lost->second)) continue;
    rights.early.push_back({describe(phone, *operation), lost->first, world.now()});
  }
}

// Those of instants before this one.
void SentWithRight::judge_early(world::World& world, Rights& rights, Instant now) {
  std::erase_if(rights.early, [&](const Early& early) {
    if (early.at + world.lag() >= now) return false;
    world.violate("A-42", early.what + " leaves at " + format_rfc3339(early.at) +
                              " without the right " + early.right);
    return true;
  });
}

// What the dying process had to tell of this instant is lost.
void SentWithRight::on_crash(world::World& world, world::Phone& phone, bool) {
  judge_early(world, phones_[&phone], world.now());
  phones_.erase(&phone);
}

void SentWithRight::on_end(world::World& world) {
  for (auto& [phone, rights] : phones_)
    judge_early(world, rights, world.now() + world.lag() + Duration{1});
  for (const auto& phone : world.phones()) {
    const Rights& rights = phones_[phone.get()];
    const auto outbox = rights.is_known ? read_outbox(world, *phone) : std::nullopt;
    if (!outbox) continue;
    for (const auto& row : *outbox) {
      const auto* operation = book_.find(row.value("id", ""));
      if (operation == nullptr || !waits_for_its_turn(row.value("state", ""))) continue;
      const auto right = right_for(world, *operation);
      if (right.empty() || rights.held.contains(right)) continue;
      world.violate("A-42", describe(*phone, *operation) +
                                " waits for its turn and does not say "
                                "that it lacks the right " +
                                right);
    }
  }
}

}  // namespace landfall::oracles
