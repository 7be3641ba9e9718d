#include "simulator/oracles/conflict_inbox.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "simulator/oracles/outbox.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

using nlohmann::json;
using ById = std::map<std::string, json>;

struct Reading {
  bool done = false;
  bool failed = false;
  std::vector<json> conflicts;
};

void read_page(world::Phone& phone, const std::shared_ptr<Reading>& reading,
               std::int64_t after_seq) {
  phone.request("conflicts.list", {{"settled", true}, {"after_seq", after_seq}},
                [&phone, reading](const json& message) {
                  reading->failed = !message.contains("result");
                  reading->done = reading->failed;
                  if (reading->failed) return;
                  const json& page = message["result"];
                  for (const json& conflict : page["conflicts"]) {
                    reading->conflicts.push_back(conflict);
                  }
                  if (!page.contains("next")) {
                    reading->done = true;
                    return;
                  }
                  read_page(phone, reading, page["next"].get<std::int64_t>());
                });
}

std::optional<std::vector<json>> read_inbox(world::World& world, world::Phone& phone) {
  const auto reading = std::make_shared<Reading>();
  read_page(phone, reading, 0);
  (void)world.run_until(Duration{5'000}, [&] { return reading->done; });
  if (!reading->done || reading->failed) return std::nullopt;
  return std::move(reading->conflicts);
}

// Nothing when the conflict is as it should be.
std::optional<std::string> fault_of(const json& conflict, const ById& outbox) {
  const auto id = conflict["id"].get<std::string>();
  const auto state = conflict["state"].get<std::string>();
  const auto operation = outbox.find(id);
  if (operation == outbox.end()) return "is of no operation";
  const auto operation_state = operation->second["state"].get<std::string>();
  const json& heirs = conflict["superseded_by"];
  const bool is_sent = state == "merged" || state == "chosen";
  if (!is_sent && operation_state != "conflict") {
    return "is " + state + ", its operation is " + operation_state;
  }
  if (!is_sent && !heirs.empty()) return "is " + state + " and was superseded all the same";
  if (!is_sent) return std::nullopt;
  if (operation_state != "superseded" || heirs.empty()) {
    return "is " + state + ", and nothing supersedes its operation";
  }
  for (const json& heir : heirs) {
    const auto found = outbox.find(heir.get<std::string>());
    const json& lost = conflict["operations"];
    const bool is_heir =
        found != outbox.end() &&
        std::find(lost.begin(), lost.end(), found->second.value("supersedes", "")) != lost.end();
    if (!is_heir) return "names " + heir.dump() + ", which supersedes none of its operations";
  }
  return std::nullopt;
}

}  // namespace

void ConflictInbox::judge(world::World& world, const world::Phone& phone,
                          const std::vector<json>& outbox, const std::vector<json>& inbox) {
  ById operations;
  for (const json& operation : outbox) {
    operations[operation["id"].get<std::string>()] = operation;
  }
  ById conflicts;
  for (const json& conflict : inbox) conflicts[conflict["id"].get<std::string>()] = conflict;
  for (const auto& [id, operation] : operations) {
    if (operation["state"] != "conflict" || conflicts.contains(id)) continue;
    world.violate("INV-Q12", phone.name() + "'s operation " + id +
                                 " met a conflict, and its inbox knows nothing of it");
  }
  for (const auto& [id, conflict] : conflicts) {
    if (const auto fault = fault_of(conflict, operations)) {
      world.violate("INV-Q12", phone.name() + "'s conflict " + id + " " + *fault);
    }
  }
}

void ConflictInbox::on_end(world::World& world) {
  for (const auto& phone : world.phones()) {
    const auto outbox = read_outbox(world, *phone);
    if (!outbox) continue;  // INV-Q1 says so
    const auto inbox = read_inbox(world, *phone);
    if (inbox) {
      judge(world, *phone, *outbox, *inbox);
    } else {
      world.violate("INV-Q12", phone->name() + " cannot list its conflicts at the end");
    }
  }
}

}  // namespace landfall::oracles
