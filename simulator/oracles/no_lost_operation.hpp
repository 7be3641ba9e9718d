#pragma once

#include <map>
#include <set>
#include <string>

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q1: an acknowledged operation is never lost. At the end each one had its effect, or stands in
// the outbox where its user can see it, or was given up by its user: by name, or with everything
// else. What a damaged page took and the engine told of is lost by notice (INV-S4).
class NoLostOperation final : public world::Observer {
 public:
  void on_acknowledged(world::World& world, world::Phone& phone, const world::Intent& intent,
                       const nlohmann::json& result) override;
  void on_discarded(world::World& world, world::Phone& phone,
                    const std::string& operation) override;
  void on_lost(world::World& world, world::Phone& phone, const std::string& operation) override;
  void on_erase(world::World& world, world::Phone& phone) override;
  void on_end(world::World& world) override;

 private:
  std::map<const world::Phone*, std::set<std::string>> acknowledged_;
  std::set<std::string> discarded_;
};

}  // namespace landfall::oracles
