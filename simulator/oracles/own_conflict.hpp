#pragma once

#include "simulator/backend/ledger.hpp"
#include "simulator/oracles/operation_book.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q16: no phone conflicts with itself. The version that an operation met in a conflict was not
// made by an earlier operation of its own lane on the same device. Earlier ones that had failed or
// were blocked meanwhile, or that their user retried, had left their place.
class OwnConflict final : public world::Observer {
 public:
  explicit OwnConflict(const OperationBook& book) : book_(book) {}

  void on_end(world::World& world) override;

  [[nodiscard]] bool is_own(const backend::ConflictRecord& conflict,
                            Duration lag = Duration{0}) const;

 private:
  void judge_ledger(world::World& world, const backend::Ledger& ledger) const;

  const OperationBook& book_;
};

}  // namespace landfall::oracles
