#pragma once

#include <map>
#include <string>
#include <vector>

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A13: who uses a phone sees and sends nothing of who used it before. No operation leaves with
// another user's token or in the name of another organisation than the one it was made in, none is
// told, listed or drawn over a document while somebody else is logged in, and the server never sees
// one from a stranger.
class OwnDataOnly final : public world::Observer {
 public:
  void on_intent(world::World& world, world::Phone& phone, const world::Intent& intent) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_view(world::World& world, world::Phone& phone, const nlohmann::json& params,
               const nlohmann::json& result) override;
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_boot(world::World& world, world::Phone& phone) override;
  void on_end(world::World& world) override;

 private:
  // Whose operation is named anywhere in it, if not the active user's; empty when none is.
  [[nodiscard]] std::string foreign_in(const world::Phone& phone, const nlohmann::json& value);

  void judge_organisation(world::World& world, const world::Phone& phone,
                          const http::Request& request,
                          const std::vector<world::SentOperation>& operations) const;

  std::map<std::string, std::string> user_of_operation_;
  std::map<std::string, std::string> organisation_of_operation_;
  std::map<std::string, std::string> user_of_access_;
  std::map<std::string, std::string> user_of_refresh_;
  std::map<const world::Phone*, std::string> active_;         // as the engine told; empty: nobody
  std::map<const world::Phone*, std::string> organisations_;  // likewise; empty: none
};

}  // namespace landfall::oracles
