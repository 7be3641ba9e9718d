#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "simulator/oracles/operation_book.hpp"

namespace landfall::oracles {

// INV-A12: the end of a session deletes nothing that waits: neither a logout nor a lock for
// idleness, a right that was taken away or a refusal of the tokens. At the end each operation that
// waited at such a moment had its verdict, or stands in its user's outbox, or was given up by its
// user: by name, or with everything else.
class KeptOverLogout final : public world::Observer {
 public:
  // The book outlives the oracle and observes before it.
  explicit KeptOverLogout(const OperationBook& book) : book_(book) {}

  void on_intent(world::World& world, world::Phone& phone, const world::Intent& intent) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_discarded(world::World& world, world::Phone& phone,
                    const std::string& operation) override;
  void on_lost(world::World& world, world::Phone& phone, const std::string& operation) override;
  void on_erase(world::World& world, world::Phone& phone) override;
  void on_end(world::World& world) override;

  // What waited on this phone when a session of its owner ended and is now nowhere, `listed` being
  // the owner's outbox; with how the session ended.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> lost(
      world::World& world, const world::Phone& phone, const std::set<std::string>& listed) const;

 private:
  void note_waiting(world::World& world, const world::Phone& phone, const std::string& status);
  [[nodiscard]] bool is_over(world::World& world, const std::string& id) const;

  const OperationBook& book_;
  std::map<std::string, std::string> user_of_;  // by operation
  // What waited when a session ended, with how it ended.
  std::map<const world::Phone*, std::map<std::string, std::string>> waited_;
  std::set<std::string> given_up_;
};

}  // namespace landfall::oracles
