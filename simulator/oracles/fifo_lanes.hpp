#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "simulator/backend/ledger.hpp"
#include "simulator/oracles/database_copy.hpp"
#include "simulator/oracles/operation_book.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q4: a lane is first in, first out. An operation leaves only when each one accepted before it
// in its lane is ahead of it in the same batch, or ended, or failed, or is blocked; the server's
// effects come in the same order. Those that a user retried after they had failed are exempt, and a
// blocked one holds up nobody but its dependents.
//
// What a dying process wrote down and had not told yet the next one does not repeat: an operation
// of which nothing was told since is looked up on the disk when another one passes it.
class FifoLanes final : public world::Observer {
 public:
  // The book observes the same world, before this.
  explicit FifoLanes(const OperationBook& book) : book_(book) {}

  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_suspended(world::World& world, world::Phone& phone) override {
    on_crash(world, phone, false);
  }
  void on_revived(world::VirtualWorld& world, world::VirtualPhone& phone, bool power) override;
  void on_end(world::World& world) override;

  void judge_effects(world::World& world, const backend::Ledger& ledger);

 private:
  // A push that left. It is judged when its instant is over, and in a real world what was on its
  // way then has been seen: what the engine tells of the same instant may be heard after the push.
  struct Push {
    const world::Phone* phone = nullptr;
    Instant at;
    std::vector<std::string> ids;
    std::set<std::string> unsaid;  // out of the way on the disk as it left, and nobody was told
  };

  // Since when, at the latest, its host has not been told everything.
  struct Revived {
    world::VirtualPhone* phone = nullptr;
    Instant at;
  };

  [[nodiscard]] std::set<std::string> passed_in_silence(const Push& push, Instant since) const;
  void note_unsaid(Push& push);
  void judge_before(world::World& world, Instant now);
  void judge(world::World& world, const Push& push);
  void judge_one(world::World& world, const Push& push, std::size_t place);
  void judge_blocked(world::World& world);

  const OperationBook& book_;
  std::vector<Push> open_;
  std::map<const world::Phone*, Revived> revived_;
  std::map<std::string, Instant> unsaid_;  // of all pushes, since when at the latest
  DatabaseCopy copy_;
};

}  // namespace landfall::oracles
