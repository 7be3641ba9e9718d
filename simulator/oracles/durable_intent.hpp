#pragma once

#include <map>
#include <string>

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A1: a refresh is decided on once. Its intent is durable before its call leaves, so that every
// send of one refresh token carries one id, also from the next process. Two words allow another
// one: the refusal of the session's newer token, behind which the phone tries the other that it
// holds, and a disk without room, from whose memory nothing survives (C-29).
class DurableIntent final : public world::Observer {
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
  struct Intents {
    std::map<std::string, std::string> id_of;  // by refresh token
    bool is_refused = false;                   // definitively, since the last call
    bool is_in_memory = false;                 // the engine said that it could not be stored
  };

  void forget_memory(const world::Phone& phone);

  std::map<const world::Phone*, Intents> phones_;
};

}  // namespace landfall::oracles
