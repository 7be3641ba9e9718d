#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/base/time.hpp"
#include "simulator/oracles/token_pairs.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A4: a new pair is durable before anything uses it. A phone that has called with a pair never
// goes back to an older one, whatever is killed or loses its power. Two words allow it: a
// definitive refusal, behind which the other refresh token is tried, and a disk without room, from
// whose memory nothing survives (C-29). What a session that is over says with its own pair is no
// way back to it.
class DurablePair final : public world::Observer {
 public:
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_suspended(world::World& world, world::Phone& phone) override;

 private:
  // Pairs are numbered as they reach the phone; zero is none. A login's, which takes the place of
  // the one before it once its keys were asked of the host, is numbered when it is first used.
  struct Pairs {
    std::optional<SeenPair> offered;
    std::map<std::string, int> by_access;
    std::map<std::string, int> by_refresh;
    int last = 0;
    int used = 0;  // the newest that something was sent with
    Instant used_at;
    bool is_refused = false;
    bool is_in_memory = false;
  };

  static void note_pair(Pairs& pairs, const SeenPair& pair);
  static void note_use(world::World& world, const world::Phone& phone, Pairs& pairs, int number,
                       const std::string& target);
  void forget_memory(const world::Phone& phone);

  std::map<const world::Phone*, Pairs> phones_;
};

}  // namespace landfall::oracles
