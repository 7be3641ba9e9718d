#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/backend/ledger.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q2: at most one effect for an operation id, none for an id that no user handed in and that
// supersedes nothing a user handed in, and every send of an id carries the same bytes: what its
// user said, and what they said before in the same words where the profile makes one operation of
// several (coalesce); with the ids that the server gave to what was made here.
class ExactlyOnce final : public world::Observer {
 public:
  // `keeps_rows`: nothing takes settled operations out of the outbox in this world, so that every
  // origin can be traced at the end.
  explicit ExactlyOnce(bool keeps_rows = true) : keeps_rows_(keeps_rows) {}

  void on_intent(world::World& world, world::Phone& phone, const world::Intent& intent) override;
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_end(world::World& world) override;

  // What a phone sent and nobody handed in supersedes, in one step or several, something that
  // somebody did.
  void judge_made_here(world::World& world, const world::Phone& phone,
                       const std::vector<nlohmann::json>& outbox);

 private:
  void judge_ledger(world::World& world, const backend::Ledger& ledger);

  // Payloads of one action of one lane.
  using Alike = std::vector<std::string>;
  struct Intent {
    std::string payload;
    EntityKey entity;
    const Alike* alike = nullptr;  // of this and its like
  };
  using PayloadById = std::map<std::string, std::string>;

  [[nodiscard]] static bool is_said(const Intent& intent, const std::string& sent);
  [[nodiscard]] Intent with_new_names(world::World& world, Intent intent) const;

  bool keeps_rows_;
  std::map<std::string, Intent> intents_;  // by id
  std::map<std::tuple<const world::Phone*, EntityKey, std::string>, Alike> alike_;
  std::map<const world::Phone*, PayloadById> made_here_;  // by nobody: as first sent
};

}  // namespace landfall::oracles
