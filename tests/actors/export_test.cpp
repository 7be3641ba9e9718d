// What was handed in comes back to whoever handed it in, for as long as it is kept.

#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using States = std::map<std::string, int>;

// The titles of all that waits, read in pages of two.
std::vector<std::string> export_titles(Rig& rig) {
  std::vector<std::string> titles;
  Json params{{"with_payload", true}, {"limit", 2}};
  for (;;) {
    const Json page = rig.call("operations.list", params);
    INFO(page.dump());
    REQUIRE(page.contains("result"));
    for (const auto& operation : page["result"]["operations"])
      titles.push_back(operation["payload"]["title"].get<std::string>());
    if (!page["result"].contains("next")) return titles;
    params["after_seq"] = page["result"]["next"];
  }
}

// Operation ids.
std::vector<std::string> enqueue_titles(Rig& rig, const std::vector<std::string>& titles) {
  std::vector<std::string> ids;
  for (const std::string& title : titles) {
    Json params = rig.new_requisition();
    params["payload"]["title"] = title;
    REQUIRE(rig.call("operations.enqueue", params).contains("result"));
    ids.push_back(params["id"].get<std::string>());
  }
  return ids;
}

Json explained_payload(Rig& rig, const std::string& id) {
  const Json reply = rig.call("operations.explain", {{"id", id}});
  INFO(reply.dump());
  REQUIRE(reply.contains("result"));
  return reply["result"]["operation"]["payload"];
}

TEST_CASE(
    "P-101 wire.md 426: what a server refuses with this version of the app can be exported, with a "
    "network and without, and goes out all the same when the server takes the version again") {
  const std::vector<std::string> titles = {"Cement", "Gravel", "Sand", "Bricks", "Lime"};
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.backend().set_minimum_app_version("2.0.0");
  const auto ids = enqueue_titles(rig, titles);
  rig.advance(Duration{600'000});
  CHECK(rig.states() == States{{"blocked", 5}});
  CHECK(export_titles(rig) == titles);
  CHECK(explained_payload(rig, ids[1]) == Json{{"title", "Gravel"}});

  rig.kill();
  rig.boot();
  rig.set_online(false);
  REQUIRE(rig.call("engine.status")["result"]["update"]["kind"] == "force");
  CHECK(export_titles(rig) == titles);
  CHECK(explained_payload(rig, ids[4]) == Json{{"title", "Lime"}});

  rig.backend().set_minimum_app_version("");
  rig.set_online(true);
  rig.advance(Duration{600'000});
  CHECK(rig.states() == States{{"applied", 5}});
  CHECK(export_titles(rig).empty());
  // Settled, and kept.
  CHECK(explained_payload(rig, ids[0]) == Json{{"title", "Cement"}});
}

TEST_CASE("a payload is in the replies that it was asked for in, and in no event") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  const std::string id = enqueue_titles(rig, {"a title of somebody's own"}).front();
  const Json bare = rig.call("operations.list");
  CHECK(bare["result"]["operations"].size() == 1);
  CHECK_FALSE(bare["result"]["operations"][0].contains("payload"));
  CHECK_FALSE(bare["result"].contains("next"));
  CHECK(export_titles(rig).size() == 1);
  (void)explained_payload(rig, id);
  int told = 0;
  for (const Json& message : rig.messages()) {
    if (message.dump().find("a title of somebody's own") == std::string::npos) continue;
    CHECK(message.contains("reply"));
    ++told;
  }
  CHECK(told == 2);
}

}  // namespace
}  // namespace landfall::testing
