#pragma once

#include <map>
#include <string>

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A7: a secure storage that is locked postpones. It logs nobody out, and no key is made anew
// over one that is there, because what that one sealed would be lost behind it.
class LockedKeys final : public world::Observer {
 public:
  void on_port_answered(world::World& world, world::Phone& phone, const std::string& port,
                        const nlohmann::json& data, const nlohmann::json& answer) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_erase(world::World& world, world::Phone& phone) override;
  void on_erase_refused(world::World& world, world::Phone& phone) override;
  void on_boot(world::World& world, world::Phone& phone) override;

 private:
  struct Keys {
    std::map<std::string, std::string> known;     // by name, as they were last read or written
    std::map<std::string, std::string> given_up;  // known before an erase that may yet be refused
    bool is_locked = false;                       // as this life was last told
    bool has_session = false;
    bool has_reason = false;  // a refusal, or its user's word, may have ended it
    int erases = 0;           // asked for since it was last logged in, and not refused
  };

  std::map<const world::Phone*, Keys> phones_;
};

}  // namespace landfall::oracles
