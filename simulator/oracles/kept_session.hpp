#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "engine/base/time.hpp"
#include "simulator/backend/ledger.hpp"
#include "simulator/oracles/unsaved_refreshes.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A3: a session survives lost answers and crashes. It ends by its user's logout or by a
// definitive refusal of the server, and a server that repeats the answer to a refresh has no reason
// to refuse: with `until_used` there is no forced logout, with `grace` none when the retry arrived
// within 30 s of the decision. A strict server may force a new login, and any server one whose
// phone had no room to note a refresh, was told so by its host's event and died: it asks anew, and
// what is still on its way of the first looks like theft once the second's pair is in use (C-29).
// Nor does a session fade away: a phone that calls itself logged in is heard again by the server
// once all is well.
class KeptSession final : public world::Observer {
 public:
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_erase(world::World& world, world::Phone& phone) override;
  void on_erase_refused(world::World& world, world::Phone& phone) override;
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_suspended(world::World& world, world::Phone& phone) override {
    on_crash(world, phone, false);
  }
  void on_step(world::VirtualWorld& world, world::VirtualPhone& phone) override;
  void on_healed(world::World& world) override;
  void on_end(world::World& world) override;

  // Why a server that works as its mode says would not have refused this device's refresh; empty
  // when it had a reason.
  [[nodiscard]] static std::string unfounded(const backend::Ledger& ledger,
                                             const std::string& device_id,
                                             const UnsavedRefreshes& unsaved = {});

 private:
  struct PhoneSession {
    std::string device_id;
    bool has_session = false;
    bool user_left = false;      // asked to be logged out since it was last logged in
    int erases = 0;              // asked for since it was last logged in, and not refused
    bool refused = false;        // a definitive refusal reached it since its last pair
    bool is_unsaved = false;     // of its last pair: a process that ends takes the session with it
    std::uint64_t accepted = 0;  // stamped calls that the server accepted since all was healed
  };

  void judge_end_of_session(world::World& world, const world::Phone& phone, PhoneSession& session,
                            const nlohmann::json& data);

  std::map<const world::Phone*, PhoneSession> sessions_;
  UnsavedRefreshes unsaved_;
};

}  // namespace landfall::oracles
