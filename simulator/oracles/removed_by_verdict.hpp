#pragma once

#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "simulator/oracles/operation_book.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q6: nothing leaves the outbox but by a verdict that names it, or by its user's word. After
// each boot and at the end every acknowledged operation is listed, and what is listed as settled
// was settled by an answer which reached the phone, or by its user.
class RemovedByVerdict final : public world::Observer {
 public:
  explicit RemovedByVerdict(const OperationBook& book) : book_(book) {}

  void on_acknowledged(world::World& world, world::Phone& phone, const world::Intent& intent,
                       const nlohmann::json& result) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_boot(world::World& world, world::Phone& phone) override;
  void on_resume(world::World& world, world::Phone& phone) override { on_boot(world, phone); }
  void on_end(world::World& world) override;

  // The whole outbox of a phone, settled operations as well, and what should be in it.
  void judge_outbox(world::World& world, const world::Phone& phone,
                    const std::set<std::string>& expected,
                    const std::vector<nlohmann::json>& operations);

 private:
  void judge_state(world::World& world, const world::Phone& phone, const std::string& id,
                   const std::string& state);

  const OperationBook& book_;
  std::map<const world::Phone*, std::set<std::string>> acknowledged_;
  std::set<const world::Phone*> asked_;      // phones whose outbox was read in this life
  std::set<std::string> missing_;            // told once
  std::set<std::string> settled_by_nobody_;  // told once
};

}  // namespace landfall::oracles
