#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

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

  // What is wrong with the outbox that the phone lists at the end: {id: state}. `had_effect` says
  // of an id whether the server did it.
  using States = std::map<std::string, std::string>;
  [[nodiscard]] std::vector<std::string> problems(
      const world::Phone& phone, const States& states,
      const std::function<bool(const std::string&)>& had_effect) const;

 private:
  std::map<const world::Phone*, std::set<std::string>> acknowledged_;
  std::set<std::string> discarded_;
};

}  // namespace landfall::oracles
