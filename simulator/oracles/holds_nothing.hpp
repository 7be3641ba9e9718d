#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "engine/base/time.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-S8: an engine that is asked to suspend says within a second that it has, and so does one in a
// window behind the window's budget; from then until its process runs again it has no file open, no
// directory locked, no call under way, writes nothing and sends nothing. Over real sockets it is
// held to the sends alone; what the system's own table of locks says is a test's business.
class HoldsNothing final : public world::Observer {
 public:
  void on_suspend(world::World& world, world::Phone& phone) override;
  void on_suspended(world::World& world, world::Phone& phone) override;
  void on_frozen(world::VirtualWorld& world, world::VirtualPhone& phone) override;
  void on_resume(world::World& world, world::Phone& phone) override;
  void on_window(world::World& world, world::Phone& phone, Duration budget) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_socket(world::World& world, world::Phone& phone, const http::Request& request) override;

 private:
  struct Suspension {
    std::uint64_t number = 0;
    bool is_asked = false;
    bool is_told = false;
    std::uint64_t io_operations = 0;  // of the disk, when it was told
  };

  void expect_word(world::World& world, const world::Phone& phone, Duration within);
  void judge_send(world::World& world, const world::Phone& phone, const http::Request& request);
  static void go_on(world::World& world, world::Phone& phone, Suspension& suspension);
  void judge_held(world::World& world, world::VirtualPhone& phone);
  std::map<const world::Phone*, Suspension> phones_;
};

}  // namespace landfall::oracles
