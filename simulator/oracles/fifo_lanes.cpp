#include "simulator/oracles/fifo_lanes.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "simulator/oracles/outbox.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {
namespace {

// Accepted before the other one, as far as the acknowledgements say.
bool is_earlier(const BookedOperation& a, const BookedOperation& b) {
  return a.seq && b.seq && *a.seq < *b.seq;
}

bool is_on_its_way(const std::string& state) {
  return state == "queued" || state == "sending" || state == "unknown";
}

// Its row is one that others of the lane may pass; ids of the book are those of the wire.
bool is_out_of_the_way_in(sqlite3* database, const std::string& id) {
  std::string hex;
  for (const char c : id) {
    if (c != '-') hex += c;
  }
  const std::string sql = "SELECT 'held' FROM operations WHERE lower(hex(id)) = '" + hex +
                          "' AND state NOT IN (0, 1, 2)";  // sync::OperationState
  return first_text(database, sql.c_str()) == "held";
}

}  // namespace

void FifoLanes::on_request(world::World& world, world::Phone& phone, const http::Request&,
                           const std::vector<world::SentOperation>& operations) {
  if (operations.empty()) return;
  judge_before(world, world.now());
  auto* simulated = dynamic_cast<world::VirtualPhone*>(&phone);
  if (simulated != nullptr && book_.is_out_of_sight(phone))
    revived_.insert_or_assign(&phone, Revived{simulated, world.now()});
  Push push{&phone, world.now(), {}, {}};
  for (const auto& operation : operations) push.ids.push_back(operation.id);
  note_unsaid(push);
  open_.push_back(std::move(push));
}

void FifoLanes::on_revived(world::VirtualWorld& world, world::VirtualPhone& phone, bool) {
  revived_.insert_or_assign(&phone, Revived{&phone, world.now()});
}

// Those that the push passes, and of which nothing was told since.
std::set<std::string> FifoLanes::passed_in_silence(const Push& push, Instant since) const {
  std::set<std::string> passed;
  for (const auto& sent : push.ids) {
    const auto* operation = book_.find(sent);
    if (operation == nullptr) continue;
    for (const auto& id : book_.lane({push.phone, operation->entity})) {
      const auto* earlier = book_.find(id);
      if (!is_earlier(*earlier, *operation) || earlier->told.empty()) continue;
      if (earlier->told.back().at > since) continue;
      if (OperationBook::is_out_of_the_way(*earlier, push.at)) continue;
      if (std::find(push.ids.begin(), push.ids.end(), id) == push.ids.end()) passed.insert(id);
    }
  }
  return passed;
}

void FifoLanes::note_unsaid(Push& push) {
  const auto revived = revived_.find(push.phone);
  if (revived == revived_.end()) return;
  const auto passed = passed_in_silence(push, revived->second.at);
  if (passed.empty()) return;
  copy_.for_each(revived->second.phone->disk(),
                 [&](const std::string&, sqlite3* database, const std::string&) {
                   if (database == nullptr) return;
                   for (const auto& id : passed) {
                     if (is_out_of_the_way_in(database, id)) push.unsaid.insert(id);
                   }
                 });
  for (const auto& id : push.unsaid) unsaid_.try_emplace(id, push.at);
}

void FifoLanes::judge_before(world::World& world, Instant now) {
  auto open = std::exchange(open_, {});
  for (auto& push : open) {
    if (push.at + world.lag() < now) {
      judge(world, push);
    } else {
      open_.push_back(std::move(push));
    }
  }
}

// What the dying process had to tell of this instant is lost.
void FifoLanes::on_crash(world::World& world, world::Phone& phone, bool) {
  judge_before(world, world.now());
  std::erase_if(open_, [&](const Push& push) { return push.phone == &phone; });
}

void FifoLanes::judge(world::World& world, const Push& push) {
  for (std::size_t place = 0; place < push.ids.size(); ++place) judge_one(world, push, place);
}

void FifoLanes::judge_one(world::World& world, const Push& push, std::size_t place) {
  const auto* operation = book_.find(push.ids[place]);
  if (operation == nullptr || operation->retried) return;  // INV-Q2 speaks of unknown ones
  const Instant decided_at = OperationBook::decided_to_leave_at(*operation, push.at);
  const auto ahead = push.ids.begin() + static_cast<std::ptrdiff_t>(place);
  for (const auto& id : book_.lane({push.phone, operation->entity})) {
    const auto* earlier = book_.find(id);
    if (earlier == operation || !is_earlier(*earlier, *operation) || earlier->retried) continue;
    if (std::find(push.ids.begin(), ahead, id) != ahead) continue;
    if (OperationBook::is_out_of_the_way(*earlier, push.at, world.lag())) continue;
    if (push.unsaid.contains(id)) continue;
    // It came back to its turn while this one was on its way.
    if (OperationBook::is_out_of_the_way(*earlier, decided_at, world.lag())) continue;
    world.violate("INV-Q4", describe(*push.phone, *operation) + " left at " +
                                format_rfc3339(push.at) + " before " + id + " (" + earlier->action +
                                ", " + earlier->state() + "), which was accepted first");
  }
}

void FifoLanes::on_end(world::World& world) {
  for (const auto& push : std::exchange(open_, {})) judge(world, push);
  world.with_backend([&](const auto& backend, Instant) { judge_effects(world, backend.ledger()); });
  judge_blocked(world);
}

// The server's order of effects by lane. One that had failed or was blocked before the other took
// effect, or that the server itself put off, had left its place in the order.
void FifoLanes::judge_effects(world::World& world, const backend::Ledger& ledger) {
  std::set<std::string> put_off;
  for (const auto& sighting : ledger.sightings()) {
    if (sighting.answer == "retry") put_off.insert(sighting.operation_id);
  }
  std::map<OperationBook::Lane, std::vector<std::pair<const BookedOperation*, Instant>>> lanes;
  for (const auto& effect : ledger.effects()) {
    const auto* operation = book_.find(effect.operation_id);
    if (operation == nullptr || operation->retried) continue;
    auto& lane = lanes[{operation->phone, operation->entity}];
    for (const auto& [before, at] : lane) {
      if (!is_earlier(*operation, *before) || put_off.contains(operation->id)) continue;
      if (OperationBook::was_held(*operation, at + world.lag())) continue;
      const auto unsaid = unsaid_.find(operation->id);
      if (unsaid != unsaid_.end() && unsaid->second <= at) continue;
      world.violate("INV-Q4", describe(*operation->phone, *operation) + " took effect at " +
                                  format_rfc3339(effect.at) + ", after " + before->id +
                                  ", which was accepted later");
    }
    lane.emplace_back(operation, effect.at);
  }
}

// Nobody but a dependent waits for one that is blocked or failed.
void FifoLanes::judge_blocked(world::World& world) {
  for (const auto& phone : world.phones()) {
    const auto outbox = read_outbox(world, *phone);
    if (!outbox) continue;
    std::map<std::string, std::string> states;
    for (const auto& operation : *outbox)
      states[operation["id"].get<std::string>()] = operation["state"].get<std::string>();
    for (const auto& operation : *outbox) {
      if (operation.value("block_reason", "") != "dependency") continue;
      const auto below = states.find(operation.value("after", ""));
      if (below != states.end() && !is_on_its_way(below->second) && below->second != "applied")
        continue;
      world.violate("INV-Q4", phone->name() + " holds " + operation["id"].get<std::string>() +
                                  " for an operation that is " +
                                  (below == states.end() ? "not there" : below->second));
    }
  }
}

}  // namespace landfall::oracles
