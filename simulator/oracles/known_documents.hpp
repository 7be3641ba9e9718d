#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/ids.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q11: a document that a phone shows without operations over it is, to the byte, a version that
// the server once had, and once everything is healed and a pull has completed, none is missing that
// a full pull would name. INV-Q13: then none is stale either, and none is there that the server
// deleted.
class KnownDocuments final : public world::Observer {
 public:
  void on_view(world::World& world, world::Phone& phone, const nlohmann::json& params,
               const nlohmann::json& result) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_end(world::World& world) override;

  // The documents that a phone shows of its Tier 1, beside what the server has for its user.
  void judge_tier1(world::World& world, const world::Phone& phone,
                   const std::map<EntityKey, nlohmann::json>& shown);

 private:
  void judge_shown(world::World& world, const world::Phone& phone, const nlohmann::json& document);
  [[nodiscard]] bool pull_once(world::World& world, world::Phone& phone);

  std::map<const world::Phone*, std::uint64_t> pulls_completed_;
  std::set<std::string> told_;  // "entity version", once each
};

}  // namespace landfall::oracles
