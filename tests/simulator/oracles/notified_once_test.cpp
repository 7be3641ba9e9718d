#include "simulator/oracles/notified_once.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

// Nine o'clock in Pune, which is no quiet hour.
struct Pushes : oracles::Stage {
  oracles::NotifiedOnce oracle;

  Pushes() { watch(oracle); }

  void push(const std::string& id, const char* decision = "show", Json more = Json::object()) {
    Json data{{"type", "KPI_ALERT"}, {"notification_id", id}};
    data.update(more);
    const Json payload{{"data", data}};
    world.observe_push(phone, payload);
    world.observe_push_decided(phone, payload, {{"decision", decision}, {"id", id}});
  }
  void drop(const std::string& id, const char* reason, Json more = Json::object()) {
    Json data{{"type", "KPI_ALERT"}, {"notification_id", id}};
    data.update(more);
    const Json payload{{"data", data}};
    world.observe_push(phone, payload);
    world.observe_push_decided(phone, payload, {{"decision", "drop"}, {"reason", reason}});
  }
  void ask(const std::string& id, bool again = false, const char* type = "KPI_ALERT") {
    world.observe_asked_to_show(phone, {{"id", id}, {"type", type}, {"again", again}});
  }
  void show(const std::string& id) { world.observe_shown(phone, {{"id", id}}); }
  std::size_t found() { return violations("INV-T2").size(); }
};

constexpr std::int64_t kMinute = 60'000;

}  // namespace

TEST_CASE("INV-T2 oracle: a push that is shown once is right") {
  Pushes stage;
  stage.push("n-1");
  stage.ask("n-1");
  stage.show("n-1");
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-T2 oracle: what nobody pushed, or for another user, is not shown") {
  Pushes stage;
  SECTION("nobody pushed it") { stage.ask("n-1"); }
  SECTION("another user's") {
    stage.push("n-1", "show", {{"user_id", "somebody-else"}});
    stage.ask("n-1");
  }
  CHECK(stage.found() == 1);
}

TEST_CASE("INV-T2 oracle: a second question must say so, and come only when the answer was lost") {
  Pushes stage;
  stage.push("n-1");
  stage.ask("n-1");
  SECTION("unanswered, and said") {
    stage.ask("n-1", true);
    CHECK(stage.found() == 0);
  }
  SECTION("unanswered, and not said") {
    stage.ask("n-1");
    CHECK(stage.found() == 1);
  }
  SECTION("answered") {
    stage.show("n-1");
    stage.ask("n-1", true);
    CHECK(stage.found() == 1);
  }
  SECTION("answered, and the answer died with the process") {
    stage.show("n-1");
    stage.world.observe_crash(stage.phone, false);
    stage.ask("n-1", true);
    CHECK(stage.found() == 0);
  }
  SECTION("answered, and the user logged out meanwhile") {
    stage.show("n-1");
    stage.world.observe_event(stage.phone, "engine.state", {{"state", "locked"}});
    stage.ask("n-1", true);
    CHECK(stage.found() == 0);
  }
}

TEST_CASE("INV-T2 oracle: in quiet hours only override types are shown") {
  Pushes stage;
  stage.push("n-1", "hold");
  stage.wait(14 * 60 * kMinute);  // 23:00 in Pune
  SECTION("a type that waits") {
    stage.ask("n-1");
    CHECK(stage.found() == 1);
  }
  SECTION("a type that passes") {
    stage.ask("n-1", false, "APPROVAL_PENDING");
    CHECK(stage.found() == 0);
  }
  SECTION("in a zone where it is day") {
    stage.phone.set_zone("Africa/Accra");
    stage.wait(kMinute);
    stage.ask("n-1");
    CHECK(stage.found() == 0);
  }
  SECTION("by settings that the user handed in") {
    stage.world.observe_intent(stage.phone, {"o-1",
                                             {"user_profile", "u"},
                                             "update",
                                             R"({"mobile_settings":{"quiet_hours_start":"00:00"}})",
                                             stage.phone.user_id()});
    stage.ask("n-1");
    CHECK(stage.found() == 0);
  }
  SECTION("when it is over") {
    stage.wait(8 * 60 * kMinute + kMinute);
    stage.ask("n-1");
    CHECK(stage.found() == 0);
  }
}

TEST_CASE("INV-T2 oracle: nothing is shown after it expired, or after it was given up") {
  Pushes stage;
  stage.push("n-1", "show", {{"ttl_s", "60"}});
  SECTION("in time") {
    stage.ask("n-1");
    CHECK(stage.found() == 0);
  }
  SECTION("too late") {
    stage.wait(2 * kMinute);
    stage.ask("n-1");
    CHECK(stage.found() == 1);
  }
  SECTION("given up") {
    stage.world.observe_event(stage.phone, "notification.dropped", {{"id", "n-1"}});
    stage.ask("n-1");
    CHECK(stage.found() == 1);
  }
}

TEST_CASE("INV-T2 oracle: a push is dropped only for what it is") {
  Pushes stage;
  SECTION("another user's") { stage.drop("n-1", "other_user", {{"user_id", "somebody-else"}}); }
  SECTION("expired") { stage.drop("n-1", "expired", {{"ttl_s", "0"}}); }
  SECTION("too large") { stage.drop("n-1", "push.too_large", {{"body", std::string(6'000, 'x')}}); }
  SECTION("the same as before") {
    stage.push("n-1");
    stage.drop("n-1", "duplicate");
  }
  CHECK(stage.found() == 0);
  stage.drop("n-6", "duplicate");
  stage.drop("n-2", "other_user");
  stage.drop("n-3", "expired");
  stage.drop("n-4", "push.too_large");
  stage.drop("n-5", "push_disabled");
  CHECK(stage.found() == 5);
}

TEST_CASE("INV-T2 oracle: what was promised and is never shown is missed in the end") {
  oracles::NotifiedOnce oracle;
  world::VirtualWorld world({});
  world.add_observer(oracle);
  const auto& user = backend::Backend::seed_users()[0];
  auto& phone = world.add_phone("phone1", {user.id, user.email, user.password});
  phone.boot();
  REQUIRE(world.run_until(Duration{10 * kMinute}, [&] {
    return phone.is_ready() && phone.session_status() == "authenticated";
  }));
  const auto push = [](const char* id) {
    return Json{{"data", {{"type", "KPI_ALERT"}, {"notification_id", id}, {"title", "KPI"}}}};
  };
  phone.push(push("n-1"));
  SECTION("nothing is missed") {
    world.end();
    CHECK(world.violations().empty());
  }
  SECTION("one that the engine forgot") {
    world.observe_push(phone, push("n-2"));
    world.observe_push_decided(phone, push("n-2"), {{"decision", "show"}, {"id", "n-2"}});
    world.end();
    REQUIRE(world.violations().size() == 1);
    CHECK(world.violations()[0].detail.find("never shows n-2") != std::string::npos);
  }
}
