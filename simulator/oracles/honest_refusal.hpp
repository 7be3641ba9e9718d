#pragma once

#include <map>
#include <set>
#include <string>

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q3: what the engine refused is not there: neither in the outbox at the end nor among the
// server's effects. An id that was handed in once without an answer (a crash, a restart) may be
// there whatever a later answer said, and so may one that was accepted after all.
class HonestRefusal final : public world::Observer {
 public:
  void on_intent(world::World& world, world::Phone& phone, const world::Intent& intent) override;
  void on_acknowledged(world::World& world, world::Phone& phone, const world::Intent& intent,
                       const nlohmann::json& result) override;
  void on_refused(world::World& world, world::Phone& phone, const world::Intent& intent,
                  const std::string& code) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_end(world::World& world) override;

  // `outbox`: ids that the phone still has; `effects`: of those that it refused, what the server
  // did.
  void judge(world::World& world, const world::Phone& phone, const std::set<std::string>& outbox,
             const std::set<std::string>& effects);

 private:
  struct Known {
    std::set<std::string> asked;                 // without an answer so far
    std::set<std::string> indeterminate;         // may be there
    std::map<std::string, std::string> refused;  // with the code
  };
  std::map<const world::Phone*, Known> phones_;
};

}  // namespace landfall::oracles
