#include <vector>

#include <catch2/catch.hpp>

#include "simulator/backend/backend.hpp"
#include "simulator/world/virtual_world.hpp"

using namespace landfall;

namespace {

struct Watcher final : world::Observer {
  int requests = 0;
  int answers = 0;
  int cancels = 0;

  void on_request(world::World&, world::Phone&, const http::Request&,
                  const std::vector<world::SentOperation>&) override {
    ++requests;
  }
  void on_answer(world::World&, world::Phone&, const http::Request&, const http::Answer&) override {
    ++answers;
  }
  void on_cancel(world::World&, world::Phone&, const http::Request&) override { ++cancels; }
};

}  // namespace

TEST_CASE("nobody watches a world end: a call that is given up then is told to no observer") {
  Watcher watcher;
  {
    world::WorldOptions options;
    options.profile = "prokure";
    world::VirtualWorld world(options);
    world.add_observer(watcher);
    const auto& user = backend::Backend::seed_users()[0];
    world.add_phone("phone1", {user.id, user.email, user.password}).boot();
    for (int i = 0; i < 1'000 && watcher.requests == watcher.answers; ++i)
      world.run_for(Duration{1});
    REQUIRE(watcher.requests > watcher.answers);
  }
  CHECK(watcher.cancels == 0);
}
