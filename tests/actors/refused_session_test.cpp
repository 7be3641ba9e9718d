#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/embedded.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Json profile_with(const char* on_rejected) {
  Json profile = Json::parse(*schema::profile("prokure"));
  profile["auth"]["refresh"]["on_rejected"] = on_rejected;
  return profile;
}

// Somebody is logged in, something waits, and the server takes their session back.
std::string lose_session(Rig& rig, const char* on_rejected) {
  rig.set_profile(profile_with(on_rejected));
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(seconds{5});
  const std::string device = rig.call("engine.status")["result"]["device_id"];
  rig.backend().revoke_access_tokens(Rig::user(0).id);
  REQUIRE(rig.backend().revoke_family(Rig::user(0).id, device, "administrator", rig.clock().now()));
  std::string id = rig.enqueue_requisition();
  rig.advance(minutes{1});
  CHECK(rig.network().sent(kRefresh).size() == 1);
  CHECK(rig.backend().ledger().effect_count(id) == 0);
  return id;
}

void log_in_again(Rig& rig, const std::string& id) {
  REQUIRE(rig.login().contains("result"));
  rig.advance(minutes{1});
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE("A-24 A-25 C-4: kept, a session that was refused is as before until it is needed") {
  Rig rig;
  const auto id = lose_session(rig, "keep");
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.call("documents.query", {{"type", "approval"}}).contains("result"));
  CHECK(rig.call("user.get")["result"]["user_id"] == Rig::user(0).id);
  rig.advance(minutes{30});
  CHECK(rig.network().sent(kRefresh).size() == 1);
  CHECK(rig.session_status() == "authenticated");

  SECTION("the user asks for what is new") { (void)rig.call("sync.now"); }
  SECTION("the user looks at what only the server has") {
    (void)rig.call("documents.get", {{"type", "po"}, {"id", "unknown"}});
  }
  rig.advance(seconds{1});
  CHECK(rig.session_status() == "reauthRequired");
  CHECK(rig.engine_state() == "ready");
  log_in_again(rig, id);
}

TEST_CASE("C-4: kept, an enqueue asks for no login, and what waits says that one would help") {
  Rig rig;
  const auto id = lose_session(rig, "keep");
  CHECK(rig.call("operations.explain", {{"id", id}})["result"]["would_help"] == "login");
  const auto later = rig.enqueue_requisition();
  rig.advance(minutes{10});
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.network().sent(kRefresh).size() == 1);
  CHECK(rig.backend().ledger().effect_count(later) == 0);
  const Json explained = rig.call("operations.explain", {{"id", later}})["result"];
  CHECK(explained["would_help"] == "login");
  CHECK(explained["operation"]["attempts"] == 0);
  log_in_again(rig, id);
  CHECK(rig.backend().ledger().effect_count(later) == 1);
}

TEST_CASE("A-25 C-4: a restart does not ask for what the session before it did not ask for") {
  Rig rig;
  const auto id = lose_session(rig, "keep");
  rig.kill();
  rig.boot();
  rig.advance(seconds{10});
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.engine_state() == "ready");
  log_in_again(rig, id);
}

TEST_CASE("I-15 C-4: logged out for a refused refresh, the user is told why and loses nothing") {
  Rig rig;
  const auto id = lose_session(rig, "logout");
  CHECK(rig.session_status() == "unauthenticated");
  CHECK(rig.events("session.status").back()["code"] == "session.expired");
  CHECK(rig.call("operations.list")["error"]["code"] == "engine.locked");
  log_in_again(rig, id);
}

TEST_CASE("C-4: asked at once, the session needs a login and its data stays open") {
  Rig rig;
  const auto id = lose_session(rig, "ask");
  CHECK(rig.session_status() == "reauthRequired");
  CHECK(rig.call("operations.list").contains("result"));
  log_in_again(rig, id);
}

}  // namespace
}  // namespace landfall::testing
