#include "simulator/oracles/outbox_rest.hpp"

#include <algorithm>
#include <string>

#include "schema/limits.hpp"
#include "simulator/oracles/all.hpp"
#include "simulator/oracles/outbox.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {
bool outboxes_are_at_rest(world::World& world) {
  return std::all_of(world.phones().begin(), world.phones().end(), [&](const auto& phone) {
    const auto outbox = read_outbox(world, *phone);
    return outbox && std::none_of(outbox->begin(), outbox->end(), is_moving);
  });
}

void OutboxRest::on_acknowledged(world::World&, world::Phone& phone, const world::Intent& intent,
                                 const nlohmann::json&) {
  const auto* operation = book_.find(intent.id);
  if (operation != nullptr && operation->told.empty()) moving_[&phone].insert(intent.id);
}

void OutboxRest::on_event(world::World&, world::Phone& phone, const std::string& event,
                          const nlohmann::json& data) {
  if (event == "connectivity.changed") online_[&phone] = data.value("state", "") == "online";
  if (event != "operation.changed") return;
  if (is_moving(data)) {
    moving_[&phone].insert(data.value("id", ""));
  } else {
    moving_[&phone].erase(data.value("id", ""));
  }
}

// A verdict on what was made in another organisation is told when its user is back there.
void OutboxRest::on_answer(world::World&, world::Phone& phone, const http::Request&,
                           const http::Answer&) {
  std::erase_if(moving_[&phone], [&](const std::string& id) {
    const auto* operation = book_.find(id);
    return operation != nullptr && operation->verdict_at && book_.is_elsewhere(*operation);
  });
}

void OutboxRest::on_lost(world::World&, world::Phone& phone, const std::string& operation) {
  moving_[&phone].erase(operation);
}

void OutboxRest::on_erase(world::World&, world::Phone& phone) { moving_[&phone].clear(); }

void OutboxRest::on_boot(world::World&, world::Phone& phone) { online_[&phone] = false; }

void OutboxRest::on_step(world::VirtualWorld& world, world::VirtualPhone& phone) {
  if (!phone.is_ready() || phone.runtime().ready() > 0) return;
  // What comes once a day is not what work waits for.
  const auto timer = phone.runtime().next_timer();
  const bool has_timer = timer && *timer < Duration{limits::kFileCheckIntervalMs / 2};
  judge_standstill(world, phone,
                   {online_[&phone], phone.session_status() == "authenticated", false, has_timer,
                    phone.network().open_calls() > 0});
}

void OutboxRest::judge_standstill(world::World& world, const world::Phone& phone,
                                  const Standstill& now) {
  const auto& moving = moving_[&phone];
  if (moving.empty() || !now.online || !now.has_session) return;
  if (now.has_ready_actor || now.has_timer || now.has_open_call) return;
  if (!dead_.insert(&phone).second) return;
  world.violate("INV-Q10", phone.name() + " waits for nobody with " + *moving.begin() + " and " +
                               std::to_string(moving.size() - 1) + " others unsettled, at " +
                               format_rfc3339(world.now()));
}

void OutboxRest::on_end(world::World& world) {
  for (const auto& phone : world.phones()) {
    const auto outbox = read_outbox(world, *phone);
    if (!outbox) continue;  // INV-Q1 says so
    for (const auto& operation : *outbox) {
      if (is_moving(operation)) {
        world.violate("INV-Q10", phone->name() + " never settled " +
                                     operation["id"].get<std::string>() + ": " + operation.dump());
      }
    }
  }
}

}  // namespace landfall::oracles
