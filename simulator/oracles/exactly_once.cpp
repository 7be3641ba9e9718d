#include "simulator/oracles/exactly_once.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/oracles/outbox.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {

namespace {

Json object_of(const std::string& text) {
  Json parsed = Json::parse(text, nullptr, false);
  return parsed.is_object() ? parsed : Json::object();
}

}  // namespace

void ExactlyOnce::on_intent(world::World&, world::Phone& phone, const world::Intent& intent) {
  if (intents_.contains(intent.id)) return;  // handed in again after a crash
  auto& alike = alike_[{&phone, intent.entity, intent.action}];
  intents_.emplace(intent.id, Intent{intent.payload, intent.entity, &alike});
  alike.push_back(intent.payload);
}

// What it says once the things that it names go by the server's ids (wire.md `assigned_id`).
ExactlyOnce::Intent ExactlyOnce::with_new_names(world::World& world, Intent intent) const {
  std::map<std::string, std::string> names;
  world.with_backend([&](const auto& backend, Instant) {
    for (const auto& effect : backend.ledger().effects()) {
      const auto made = intents_.find(effect.operation_id);
      if (made != intents_.end()) names[made->second.entity.id] = effect.entity.id;
    }
  });
  Json payload = object_of(intent.payload);
  for (Json& value : payload) {
    if (!value.is_string()) continue;
    const auto name = names.find(value.get<std::string>());
    if (name != names.end()) value = name->second;
  }
  intent.payload = dump_json(payload);
  return intent;
}

// One that took the place of those before it (coalesce) says what they said where it says nothing.
// Which were before it a crash may have changed: what had no acknowledgement is handed in again in
// any order.
bool ExactlyOnce::is_said(const Intent& intent, const std::string& sent) {
  if (sent == intent.payload) return true;
  const Json own = object_of(intent.payload);
  const Json all = object_of(sent);
  for (const auto& item : own.items()) {
    if (!all.contains(item.key()) || all[item.key()] != item.value()) return false;
  }
  for (const auto& item : all.items()) {
    if (own.contains(item.key())) continue;
    const bool was_said =
        std::any_of(intent.alike->begin(), intent.alike->end(), [&](const auto& payload) {
          const Json other = object_of(payload);
          return other.contains(item.key()) && other[item.key()] == item.value();
        });
    if (!was_said) return false;
  }
  return true;
}

void ExactlyOnce::on_request(world::World& world, world::Phone& phone, const http::Request&,
                             const std::vector<world::SentOperation>& operations) {
  for (const auto& operation : operations) {
    const auto known = intents_.find(operation.id);
    const bool is_right =
        known != intents_.end()
            ? is_said(known->second, operation.payload) ||
                  is_said(with_new_names(world, known->second), operation.payload)
            : made_here_[&phone].emplace(operation.id, operation.payload).first->second ==
                  operation.payload;
    if (!is_right) {
      world.violate("INV-Q2", phone.name() + " sends " + operation.id + " with another payload");
    }
  }
}

void ExactlyOnce::judge_made_here(world::World& world, const world::Phone& phone,
                                  const std::vector<nlohmann::json>& outbox) {
  std::map<std::string, std::string> supersedes;
  for (const auto& operation : outbox)
    supersedes[operation["id"].get<std::string>()] = operation.value("supersedes", "");
  const auto has_origin = [&](const std::string& id) {
    const auto row = supersedes.find(id);
    return row != supersedes.end() && !row->second.empty();
  };
  for (const auto& [id, payload] : made_here_[&phone]) {
    std::string origin = id;
    while (!intents_.contains(origin) && has_origin(origin)) origin = supersedes[origin];
    if (intents_.contains(origin)) continue;
    const bool is_gone = !supersedes.contains(origin);
    if (is_gone && !keeps_rows_) continue;
    world.violate("INV-Q2", phone.name() + " sends " + id + ", which nobody handed in");
  }
}

void ExactlyOnce::on_end(world::World& world) {
  for (const auto& phone : world.phones()) {
    if (!made_here_.contains(phone.get())) continue;
    const auto outbox = read_outbox(world, *phone);
    if (outbox) judge_made_here(world, *phone, *outbox);  // else INV-Q1 says so
  }
  world.with_backend([&](const auto& backend, Instant) { judge_ledger(world, backend.ledger()); });
}

void ExactlyOnce::judge_ledger(world::World& world, const backend::Ledger& ledger) {
  for (const auto& effect : ledger.effects()) {
    if (ledger.effect_count(effect.operation_id) > 1) {
      world.violate("INV-Q2", "the server did " + effect.operation_id + " more than once");
    }
    const bool was_sent = std::any_of(made_here_.begin(), made_here_.end(), [&](const auto& made) {
      return made.second.contains(effect.operation_id);
    });
    if (!intents_.contains(effect.operation_id) && !was_sent) {
      world.violate("INV-Q2", "the server did " + effect.operation_id + ", which nobody handed in");
    }
  }
  for (const auto& violation : ledger.violations()) {
    world.violate("INV-Q2", violation.kind + " " + violation.operation_id + " " + violation.detail);
  }
}

}  // namespace landfall::oracles
