#pragma once

#include <map>
#include <string>

#include "simulator/backend/ledger.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q2: at most one effect for an operation id, none for an id that no user handed in, and every
// send of an id carries the same bytes.
class ExactlyOnce final : public world::Observer {
 public:
  void on_intent(world::World& world, world::Phone& phone, const world::Intent& intent) override;
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_end(world::World& world) override;

 private:
  void judge_ledger(world::World& world, const backend::Ledger& ledger);

  std::map<std::string, std::string> payloads_;  // by id, as handed in
};

}  // namespace landfall::oracles
