#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-F1: a photograph that was acknowledged is at the server once, with its hash, or its phone
// lists it with the reason why not. Nothing is complete twice, and at the end nothing waits for
// time alone.
class DeliveredFiles final : public world::Observer {
 public:
  void on_attached(world::World& world, world::Phone& phone, const nlohmann::json& result) override;
  void on_end(world::World& world) override;

  // What a photograph was when it was acknowledged.
  struct Photo {
    std::string id;
    std::string sha256;
  };
  // By id: what a phone lists, and the hashes of what the server has.
  using Rows = std::map<std::string, nlohmann::json>;
  using Hashes = std::map<std::string, std::string>;

  // The judgement of one phone's photographs.
  static void judge(world::World& world, const world::Phone& phone,
                    const std::vector<Photo>& photos, const Rows& rows, const Hashes& at_server);

 private:
  void check_phone(world::World& world, world::Phone& phone, const Hashes& at_server) const;

  std::map<const world::Phone*, std::vector<Photo>> acknowledged_;
};

}  // namespace landfall::oracles
