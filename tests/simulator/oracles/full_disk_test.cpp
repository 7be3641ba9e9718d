#include "simulator/oracles/full_disk.hpp"

#include <optional>

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

// A phone that is on, with its user logged in.
struct Phone {
  world::VirtualWorld world{{}};
  world::VirtualPhone& phone;
  oracles::FullDisk oracle;

  Phone() : phone(world.add_phone("phone1", account())) {
    phone.boot();
    phone.login();
    world.run_for(Duration{20'000});
    REQUIRE(phone.is_ready());
  }

  static world::Account account() {
    const auto& user = backend::Backend::seed_users()[0];
    return {user.id, user.email, user.password};
  }
  std::vector<std::string> found() {
    oracle.on_full_rest(world);
    std::vector<std::string> details;
    for (const auto& violation : world.violations()) {
      if (violation.oracle == "INV-S3") details.push_back(violation.detail);
    }
    return details;
  }
};

}  // namespace

TEST_CASE("INV-S3 oracle: what never left a full disk is named, and what left is not") {
  Phone full;
  full.phone.set_network(false, true);
  const std::string id = full.phone.make_id();
  full.phone.enqueue(
      {id, {"pr", full.phone.make_id()}, "create", R"({"title":"Cement"})", full.phone.user_id()});
  full.world.run_for(Duration{5'000});
  SECTION("it waits, and the disk has room") { CHECK(full.found().empty()); }
  SECTION("it waits on a full disk") {
    full.phone.fill_disk();
    const auto found = full.found();
    REQUIRE(found.size() == 1);
    CHECK(found.front().find(id) != std::string::npos);
  }
  SECTION("it left") {
    full.phone.set_network(true, true);
    full.world.run_for(Duration{60'000});
    full.phone.fill_disk();
    CHECK(full.found().empty());
  }
}

TEST_CASE("INV-S3 oracle: a phone that cannot tell what waits on its full disk is named") {
  oracles::Stage stage;
  oracles::FullDisk oracle;
  stage.phone.fill_disk();
  oracle.on_full_rest(stage.world);
  CHECK(stage.violations("INV-S3").size() == 1);
}
