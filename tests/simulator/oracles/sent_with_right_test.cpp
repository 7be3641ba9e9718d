#include "simulator/oracles/sent_with_right.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

backend::BackendOptions with_rights() {
  backend::BackendOptions options;
  options.rights = {{"approval/approve", "Approve"}};
  return options;
}

struct Rights : oracles::Stage {
  oracles::SentWithRight oracle{book};
  Rights() : Stage("prokure", with_rights()) {
    watch(oracle);
    accept("a", 1);
    hold({"Approve", "Reject"});
    wait(1'000);
    hold({"Reject"});
    wait(1'000);
  }
  void hold(const Json& rights) {
    world.observe_event(phone, "permissions.changed",
                        Json{{"known", true}, {"permissions", rights}});
  }
  std::size_t found() {
    world.end();
    return violations("A-42").size();
  }
};

}  // namespace

TEST_CASE("A-42 oracle: what needs a right that its user was told to be gone leaves no more") {
  Rights stage;
  SECTION("it does") {
    stage.push({"a"});
    CHECK(stage.found() == 1);
  }
  SECTION("it does, and the right comes back later") {
    stage.push({"a"});
    stage.wait(1);
    stage.hold({"Approve"});
    CHECK(stage.found() == 1);
  }
  SECTION("it does, and its process dies later") {
    stage.push({"a"});
    stage.wait(1);
    stage.world.observe_crash(stage.phone, false);
    CHECK(stage.found() == 1);
  }
  SECTION("the right is back") {
    stage.hold({"Approve"});
    stage.wait(1);
    stage.push({"a"});
    CHECK(stage.found() == 0);
  }
  SECTION("the right is back, and told behind the call in the same instant") {
    stage.push({"a"});
    stage.hold({"Approve"});
    CHECK(stage.found() == 0);
  }
}
