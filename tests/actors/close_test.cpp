#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

TEST_CASE(
    "close with requests open answers each once; what was acknowledged is there at the next "
    "open (INV-Q1, INV-Q3)") {
  for (std::uint64_t steps = 0; steps < 40; ++steps) {
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.script(kPull, [](const auto&) { return std::nullopt; });
    rig.advance(Duration{2'000});
    rig.shuffle(steps + 1);
    INFO("after " << steps << " steps");
    std::vector<Json> params;
    std::vector<std::int64_t> asked;
    for (int i = 0; i < 3; ++i) {
      params.push_back(rig.new_requisition());
      asked.push_back(rig.ask("operations.enqueue", params.back()));
    }
    const auto refresh = rig.ask(
        "documents.refresh",
        {{"entities", Json::array({Json{{"entity_type", "po"}, {"entity_id", "unknown"}}})}});
    const auto logout = steps % 3 == 0 ? rig.ask("session.logout") : rig.ask("session.status");
    for (std::uint64_t i = 0; i < steps && rig.runtime().ready() > 0; ++i) rig.step();
    rig.close();
    for (const auto id : asked) REQUIRE(rig.replies(id).size() == 1);
    CHECK(rig.replies(refresh).size() == 1);
    CHECK(rig.replies(logout).size() == 1);
    std::vector<std::string> acknowledged;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const Json reply = rig.reply(asked[i]);
      if (reply.contains("result")) acknowledged.push_back(params[i]["id"].get<std::string>());
      if (reply.contains("error") && reply["error"]["class"] != "indeterminate")
        CHECK((reply["error"]["code"] == "engine.closing" ||
               reply["error"]["code"] == "engine.locked"));
    }
    rig.unscript(kPull);
    rig.boot();
    if (rig.session_status() != "authenticated") REQUIRE(rig.login().contains("result"));
    for (const auto& id : acknowledged)
      CHECK(rig.call("operations.explain", {{"id", id}}).contains("result"));
  }
}

TEST_CASE(
    "close with questions open withdraws them first; poll after close still gives what was "
    "said, then nothing") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.close();
  rig.set_port([](const std::string&, const Json&) { return std::nullopt; });
  rig.boot();
  REQUIRE(rig.session_status() == "loading");
  auto& runtime = rig.runtime();
  const auto status = R"({"id":77,"request":"session.status"})";
  REQUIRE(runtime.submit(status) == actors::Submitted::accepted);
  runtime.close();
  std::vector<Json> said;
  while (auto text = runtime.poll(Duration{0})) said.push_back(Json::parse(*text));
  int cancels = 0;
  int replies = 0;
  for (const auto& message : said) {
    cancels += message.contains("cancel") ? 1 : 0;
    replies += message.contains("reply") ? 1 : 0;
  }
  CHECK(cancels == 1);
  CHECK(replies == 1);
  CHECK_FALSE(runtime.poll(Duration{0}).has_value());

  // After close nothing is taken, and closing again does nothing.
  CHECK(runtime.submit(status) == actors::Submitted::closed);
  CHECK(runtime.submit(R"({"answer":1,"result":{}})") == actors::Submitted::closed);
  CHECK(runtime.submit("no json") == actors::Submitted::closed);
  CHECK(runtime.enqueue("{}") < 0);
  runtime.close();
  CHECK_FALSE(runtime.poll(Duration{0}).has_value());
}

TEST_CASE(
    "close in the middle of a login, a logout, a switch or a restart leaves files that open "
    "again") {
  for (std::uint64_t steps = 0; steps < 60; ++steps) {
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.shuffle(steps + 1);
    INFO("after " << steps << " steps");
    const auto& who = Rig::user(1);
    if (steps % 3 == 0) rig.disk().fail_io(world::IoKind::sync, world::FaultMode::one_shot);
    const auto other = steps % 2 == 0 ? rig.ask("session.logout")
                                      : rig.ask("session.login",
                                                {{"email", who.email}, {"password", who.password}});
    const auto enqueue = rig.ask("operations.enqueue", rig.new_requisition());
    for (std::uint64_t i = 0; i < steps; ++i) {
      if (rig.runtime().ready() > 0)
        rig.step();
      else
        (void)rig.network().pump();
      rig.read_messages();
    }
    rig.close();
    rig.disk().heal();
    CHECK(rig.replies(other).size() == 1);
    CHECK(rig.replies(enqueue).size() == 1);
    rig.boot();
    rig.advance(Duration{40'000});
    CHECK((rig.session_status() == "authenticated" || rig.session_status() == "unauthenticated"));
    if (rig.session_status() == "unauthenticated") REQUIRE(rig.login().contains("result"));
    CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("result"));
  }
}

TEST_CASE("requests before a login are refused with engine.locked, at once and once") {
  Rig rig;
  rig.boot();
  for (const char* request : {"operations.list", "notices.list", "sync.now"})
    CHECK(rig.call(request)["error"]["code"] == "engine.locked");
  CHECK(rig.call("operations.enqueue", rig.new_requisition())["error"]["code"] == "engine.locked");
  CHECK(rig.call("session.status")["result"]["status"] == "unauthenticated");
  CHECK(rig.call("session.logout")["result"]["status"] == "unauthenticated");
}

}  // namespace
}  // namespace landfall::testing
