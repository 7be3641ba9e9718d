#include "simulator/world/pin_owner.hpp"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"
#include "simulator/explore/draw_profile.hpp"
#include "simulator/world/virtual_world.hpp"

using namespace landfall;
using namespace std::chrono_literals;

namespace {

world::WorldOptions with_cheap_pin() {
  world::WorldOptions options;
  for (std::uint64_t seed = 1; !explore::has_cheap_pin(options.profile); ++seed) {
    Random random(seed);
    options.profile = explore::draw_profile("prokure", random);
  }
  return options;
}

}  // namespace

// A phone that stays locked for the rest of its world shows nothing to any oracle.
TEST_CASE("INV-S3: a PIN's owner opens the app also behind a return that tells nothing new") {
  world::VirtualWorld world{with_cheap_pin()};
  const auto& user = backend::Backend::seed_users()[0];
  auto& phone = world.add_phone("phone1", {user.id, user.email, user.password});
  world::PinOwner owner(world, phone);
  world.add_observer(owner);
  phone.boot();
  phone.login();
  world.run_for(2min);
  world.crash(phone, false);
  phone.boot();
  const auto is_locked = [&] { return phone.is_ready() && phone.session_status() == "locked"; };
  REQUIRE(world.run_until(1min, is_locked));
  world.observe_resume(phone);
  CHECK(world.run_until(10min, [&] { return phone.session_status() == "authenticated"; }));
}
