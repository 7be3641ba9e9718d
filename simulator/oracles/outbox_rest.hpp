#pragma once

#include <map>
#include <set>
#include <string>

#include "simulator/oracles/operation_book.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q10: once everything is healed, whatever is left in an outbox is there for its user to see
// (failed, blocked, conflict, rejected); nothing is still on its way, and nothing waits for a
// session that has come back. And at no time does work wait for nobody: when a phone is online with
// a session and an operation is unsettled, some actor is ready, a timer is armed or a call is open.
class OutboxRest final : public world::Observer {
 public:
  explicit OutboxRest(const OperationBook& book) : book_(book) {}

  void on_acknowledged(world::World& world, world::Phone& phone, const world::Intent& intent,
                       const nlohmann::json& result) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_lost(world::World& world, world::Phone& phone, const std::string& operation) override;
  void on_erase(world::World& world, world::Phone& phone) override;
  void on_boot(world::World& world, world::Phone& phone) override;
  void on_resume(world::World& world, world::Phone& phone) override { on_boot(world, phone); }
  void on_step(world::VirtualWorld& world, world::VirtualPhone& phone) override;
  void on_end(world::World& world) override;

  // What a phone that stands still looks like; empty when nothing is wrong with it.
  struct Standstill {
    bool online = false;
    bool has_session = false;
    bool has_ready_actor = false;
    bool has_timer = false;
    bool has_open_call = false;
  };
  void judge_standstill(world::World& world, const world::Phone& phone, const Standstill& now);

 private:
  const OperationBook& book_;
  std::map<const world::Phone*, std::set<std::string>> moving_;
  std::map<const world::Phone*, bool> online_;
  std::set<const world::Phone*> dead_;  // told once
};

}  // namespace landfall::oracles
