#include <optional>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/embedded.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Asha approves, Ravi approves and requests, Meera works on the web alone.
Json with_routing() {
  Json profile = Json::parse(*schema::profile("prokure"));
  profile["endpoints"]["login"]["reply"]["roles"] = "user.roles";
  profile["routing"] = Json::parse(R"({
    "onboarding": "/onboarding", "login": "/login", "initial_sync": "/first",
    "selection": "/choose", "web_only": ["receiving"],
    "dashboards": [{"role": "approver", "route": "/approvals", "name": "Approvals"},
                   {"role": "requester", "route": "/requests", "name": "Requests"}]})");
  return profile;
}

void set_up(Rig& rig) {
  rig.set_profile(with_routing());
  rig.boot();
  REQUIRE(rig.call("onboarding.done").contains("result"));
}

std::string route(Rig& rig) { return rig.call("routing.start")["result"]["route"]; }

TEST_CASE("a profile without routing leads nowhere and says so") {
  Rig rig;
  rig.boot();
  for (const char* request : {"routing.start", "onboarding.done"})
    CHECK(rig.call(request)["error"]["code"] == "routing.none");
}

TEST_CASE("A-33: a start is led through onboarding, which is done once for all, and a login") {
  Rig rig;
  rig.set_profile(with_routing());
  rig.boot();
  CHECK(route(rig) == "/onboarding");
  REQUIRE(rig.call("onboarding.done").contains("result"));
  CHECK(route(rig) == "/login");
  rig.kill();
  rig.boot();
  CHECK(route(rig) == "/login");
  REQUIRE(rig.login().contains("result"));
  rig.advance(seconds{10});
  CHECK(route(rig) == "/approvals");
  CHECK(rig.events("routing.changed").back()["why"] == "one_dashboard");
}

TEST_CASE("A-33: the first sync is waited for, and is over for ever once it was") {
  Rig rig;
  set_up(rig);
  rig.script(kPull, answer_with(503, ""));
  REQUIRE(rig.login().contains("result"));
  rig.advance(seconds{1});
  CHECK(route(rig) == "/first");
  rig.unscript(kPull);
  rig.advance(minutes{3});
  CHECK(route(rig) == "/approvals");
  REQUIRE(rig.call("cache.clear").contains("result"));
  rig.set_online(false);
  rig.kill();
  rig.boot();
  CHECK(route(rig) == "/approvals");
}

TEST_CASE("A-33 A-39: roles that do not come in three seconds lead to the login, and then on") {
  Rig rig;
  set_up(rig);
  REQUIRE(rig.login().contains("result"));
  rig.advance(seconds{10});
  rig.close();
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    if (port == "secret.read") return Json{{"status", "locked"}};
    return rig.keychain_answer(port, data);
  });
  rig.boot();
  const auto asked = rig.ask("routing.start");
  rig.settle();
  rig.advance(Duration{2'900});
  CHECK(rig.replies(asked).empty());
  rig.advance(Duration{200});
  REQUIRE(rig.replies(asked).size() == 1);
  CHECK(rig.reply(asked)["result"]["route"] == "/login");
  CHECK(rig.reply(asked)["result"]["why"] == "no_roles");
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    return rig.keychain_answer(port, data);
  });
  rig.advance(minutes{1});
  CHECK(rig.session_status() == "authenticated");
  CHECK(route(rig) == "/approvals");
}

TEST_CASE("A-35 A-38: the role that is chosen is kept, one that is not the user's is ignored") {
  Rig rig;
  set_up(rig);
  REQUIRE(rig.login(1).contains("result"));
  rig.advance(seconds{10});
  CHECK(route(rig) == "/choose");
  const auto pulls = rig.network().sent(kPull).size();
  const Json ignored = rig.call("routing.set_role", {{"role", "receiving"}})["result"];
  CHECK(ignored["accepted"] == false);
  CHECK(ignored["route"] == "/choose");
  CHECK(rig.network().sent(kPull).size() == pulls);
  const Json chosen = rig.call("routing.set_role", {{"role", "Requester"}})["result"];
  CHECK(chosen["accepted"] == true);
  CHECK(chosen["route"] == "/requests");
  CHECK(chosen["active_role"] == "requester");
  rig.advance(seconds{1});
  CHECK(rig.network().sent(kPull).size() == pulls + 1);

  rig.set_online(false);
  rig.kill();
  rig.boot();
  const Json start = rig.call("routing.start")["result"];
  CHECK(start["route"] == "/choose");
  CHECK(start["active_role"] == "requester");
  CHECK(start["dashboards"].size() == 2);
}

TEST_CASE("A-38 A-39: a choice works offline, whether the pull behind it succeeds or not") {
  Rig rig;
  set_up(rig);
  REQUIRE(rig.login(1).contains("result"));
  rig.advance(seconds{10});
  rig.set_online(false);
  CHECK(rig.call("routing.set_role", {{"role", "approver"}})["result"]["route"] == "/approvals");
  CHECK(rig.session_status() == "authenticated");
}

TEST_CASE("A-34: whose roles work on the web alone is logged out, with the reason for the host") {
  Rig rig;
  set_up(rig);
  REQUIRE(rig.login(2).contains("result"));
  rig.advance(seconds{20});
  CHECK(rig.session_status() == "unauthenticated");
  CHECK(rig.events("session.status").back()["code"] == "routing.web_only");
  bool is_told = false;
  for (const auto& event : rig.events("routing.changed"))
    is_told = is_told || event["why"] == "web_only";
  CHECK(is_told);
  CHECK(rig.network().sent(kLogout).size() == 1);
  CHECK(route(rig) == "/login");
  REQUIRE(rig.login(0).contains("result"));
  rig.advance(seconds{10});
  CHECK(route(rig) == "/approvals");
}

TEST_CASE("A-14: another user's screens are theirs") {
  Rig rig;
  set_up(rig);
  REQUIRE(rig.login(0).contains("result"));
  rig.advance(seconds{10});
  CHECK(route(rig) == "/approvals");
  REQUIRE(rig.login(1).contains("result"));
  rig.advance(seconds{10});
  CHECK(route(rig) == "/choose");
  CHECK(rig.call("user.get")["result"]["user_id"] == Rig::user(1).id);
}

}  // namespace
}  // namespace landfall::testing
