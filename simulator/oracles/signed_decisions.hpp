#pragma once

#include <set>
#include <string>

#include "engine/profile/attestation_rules.hpp"
#include "simulator/oracles/operation_book.hpp"

namespace landfall::oracles {

// C-25: what must be signed leaves only with an attestation of its user that is sound and covers
// the operation, its entity, action and payload, as they leave. What must be is the backend's to
// say.
class SignedDecisions final : public world::Observer {
 public:
  // The book outlives the oracle and observes before it.
  explicit SignedDecisions(const OperationBook& book) : book_(book) {}

  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;

 private:
  void read_rules(world::World& world);

  const OperationBook& book_;
  std::set<std::string> needed_;  // "entity_type/action"
  profile::AttestationFields fields_;
  bool is_read_ = false;
};

}  // namespace landfall::oracles
