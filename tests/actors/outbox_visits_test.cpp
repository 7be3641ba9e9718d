#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "actors/environment.hpp"
#include "engine/auth/session.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"
#include "simulator/net/profile_routes.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using actors::WindowBegun;

constexpr const char* kImsPush = "/sync/push";
constexpr const char* kImsRefresh = "/auth/refresh";
constexpr const char* kNorth = "org-north-hardware";
constexpr const char* kSouth = "org-south-pharmacy";
constexpr const char* kHeader = "X-Organization-Id";

using Counts = std::map<std::string, int>;

const backend::SeedUser& omar() {
  return backend::Backend::seed_users(backend::Dialect::ims).at(1);
}

// Omar's phone: he works in two organisations.
struct Desk : Rig {
  explicit Desk(const Json& patch = Json::object())
      : Rig(net::options_for(Profile::load(schema::profile("ims").value()).value())) {
    Json profile = Json::parse(schema::profile("ims").value());
    profile.merge_patch(patch);
    set_profile(profile);
    boot();
    log_in_to(kNorth);
    advance(Duration{2'000});
  }

  void log_in_to(const char* organisation) {
    REQUIRE(call("session.login", {{"email", "omar@ims.example"}, {"password", "omar-pass-1"}})
                .contains("result"));
    REQUIRE(
        call("session.select_organisation", {{"organisation", organisation}}).contains("result"));
  }
  void switch_to(const char* organisation) {
    const Json reply = call("session.switch_organisation", {{"organisation", organisation}});
    INFO(reply.dump());
    REQUIRE(reply.contains("result"));
  }
  std::string sell() {
    const std::string id = make_id();
    const Json reply =
        call("operations.enqueue",
             {{"id", id},
              {"entity_type", "quick_sale"},
              {"entity_id", make_id()},
              {"action", "create"},
              {"payload", {{"lines", Json::array({{{"item", "one"}, {"quantity", 1}}})}}}});
    INFO(reply.dump());
    REQUIRE(reply.contains("result"));
    return id;
  }
  // Sold in the north without a network, and left for the south.
  std::string leave_a_sale() {
    set_online(false);
    std::string id = sell();
    switch_to(kSouth);
    return id;
  }

  // The network is back, and so many things happen, one by one: a message, an answer, a moment.
  void go_online_slowly(std::uint64_t steps) {
    network().set_script(to_backend());
    (void)ask("network.hint", {{"up", true}});
    for (std::uint64_t i = 0; i < steps; ++i) {
      if (runtime().ready() > 0) {
        step();
        read_messages();
      } else if (!network().pump()) {
        clock().advance(Duration{50});
        runtime().advance(Duration{50});
      }
    }
  }

  // The organisations that the pushes so far were made for, in order.
  [[nodiscard]] std::vector<std::string> pushes() {
    std::vector<std::string> names;
    for (const auto& call : network().sent(kImsPush))
      names.push_back(http::header_text(call.request.headers, kHeader));
    return names;
  }
  [[nodiscard]] std::size_t pushes_for(const char* organisation) {
    const auto all = pushes();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), organisation));
  }
  // Pushes for that organisation get this answer; nothing: they stay open.
  void script_push(const char* organisation, std::optional<http::Answer> answer) {
    script(kImsPush, [this, organisation, answer](const ScriptedTransport::Call& call) {
      const bool is_theirs = http::header_text(call.request.headers, kHeader) == organisation;
      return is_theirs ? answer : to_backend()(call);
    });
  }
  void answer_by_backend(const ScriptedTransport::Call& call) {
    network().answer(call.number, {backend().handle(call.request, clock().now()), {}});
    settle();
  }
  [[nodiscard]] std::size_t effects(const std::string& id) {
    return backend().ledger().effect_count(id);
  }
  [[nodiscard]] bool has_open(const char* organisation) {
    const auto file = "/partitions/" + to_text(auth::partition_id_for(omar().id, organisation));
    const auto held = disk().held();
    return std::any_of(held.begin(), held.end(), [&](const std::string& name) {
      return name.find(file) != std::string::npos;
    });
  }
};

}  // namespace

TEST_CASE(
    "what was left in another organisation is sent in its name while the active outbox is empty, "
    "and told when its user is back there (C-22, I-30)") {
  Desk desk;
  const auto id = desk.leave_a_sale();
  const auto messages = desk.events("operation.changed").size();
  CHECK(desk.effects(id) == 0);
  CHECK_FALSE(desk.has_open(kNorth));
  desk.set_online(true);
  desk.advance(Duration{20'000});
  CHECK(desk.effects(id) == 1);
  CHECK(desk.pushes() == std::vector<std::string>{kNorth});
  CHECK_FALSE(desk.has_open(kNorth));
  // Nothing of it is told in the south, where it is nobody's.
  CHECK(desk.events("operation.changed").size() == messages);
  CHECK(desk.states().empty());
  CHECK(desk.call("session.status")["result"]["organisation"]["id"] == kSouth);
  desk.switch_to(kNorth);
  CHECK(desk.states() == Counts{{"applied", 1}});
  desk.advance(Duration{600'000});
  CHECK(desk.pushes().size() == 1);
}

TEST_CASE("the active outbox goes first, and a visit makes no further call once it has work") {
  Desk desk(Json{{"sync", {{"batch_operations_max", 1}}}});
  desk.set_online(false);
  const auto first = desk.sell();
  const auto second = desk.sell();
  desk.switch_to(kSouth);
  const auto active = desk.sell();
  desk.script_push(kNorth, std::nullopt);
  desk.set_online(true);
  desk.advance(Duration{10'000});
  REQUIRE(desk.pushes() == std::vector<std::string>{kSouth, kNorth});
  CHECK(desk.effects(active) == 1);
  // The call of the visit is on its way; the south is not kept waiting for it.
  const auto next = desk.sell();
  desk.advance(Duration{1'000});
  CHECK(desk.effects(next) == 1);
  desk.script_push(kSouth, std::nullopt);
  (void)desk.sell();
  desk.settle();
  const auto open = desk.network().open_calls(kImsPush);
  REQUIRE(open.size() == 2);
  desk.answer_by_backend(open.front());
  CHECK(desk.effects(first) == 1);
  CHECK_FALSE(desk.has_open(kNorth));
  desk.advance(Duration{10'000});
  CHECK(desk.effects(second) == 0);
  desk.unscript(kImsPush);
  desk.answer_by_backend(open.back());
  desk.advance(Duration{20'000});
  CHECK(desk.effects(second) == 1);
  CHECK(desk.pushes().back() == kNorth);
}

TEST_CASE("a switch takes a visit's place wherever it is, and each sale has one effect (INV-Q2)") {
  for (const std::string& target : {std::string{kNorth}, std::string{kSouth}}) {
    for (std::uint64_t steps = 0; steps < 400; steps += 13) {
      INFO("to " << target << " after " << steps << " steps");
      Desk desk;
      const auto id = desk.leave_a_sale();
      desk.shuffle(steps + 1);
      desk.go_online_slowly(steps);
      desk.switch_to(kNorth);
      if (target == kSouth) desk.switch_to(kSouth);
      desk.advance(Duration{180'000});
      CHECK(desk.effects(id) == 1);
      CHECK(desk.pushes_for(kSouth) == 0);
      CHECK(desk.engine_state() == "ready");
      if (target == kSouth) desk.switch_to(kNorth);
      CHECK(desk.states() == Counts{{"applied", 1}});
    }
  }
}

TEST_CASE("INV-A13: behind a logout nothing is sent, and nothing of one user by another") {
  Desk desk;
  const auto id = desk.leave_a_sale();
  desk.script_push(kNorth, std::nullopt);
  desk.set_online(true);
  desk.advance(Duration{10'000});
  REQUIRE(desk.network().open_calls(kImsPush).size() == 1);
  REQUIRE(desk.call("session.logout").contains("result"));
  CHECK(desk.network().open_calls(kImsPush).empty());
  CHECK_FALSE(desk.has_open(kNorth));
  desk.unscript(kImsPush);
  REQUIRE(desk.call("session.login", {{"email", "lina@ims.example"},
                                      {"password", "lina-pass-1"}})["result"]["status"] ==
          "authenticated");
  desk.advance(Duration{600'000});
  CHECK(desk.pushes().size() == 1);
  CHECK(desk.effects(id) == 0);
  REQUIRE(desk.call("session.logout").contains("result"));
  desk.log_in_to(kSouth);
  desk.advance(Duration{200'000});
  CHECK(desk.effects(id) == 1);
}

TEST_CASE("a server that refuses another organisation's calls ends nobody's session (I-15)") {
  Desk desk;
  const auto id = desk.leave_a_sale();
  const auto refuse = [&](int status, const char* code) {
    desk.script_push(kNorth, answer_with(status, dump_json({{"error", {{"code", code}}}})));
    desk.set_online(true);
    desk.advance(Duration{10'000});
  };
  SECTION("403: it waits there, and is not tried again") {
    refuse(403, "NOT_YOUR_ORGANISATION");
    CHECK(desk.session_status() == "authenticated");
    desk.advance(Duration{600'000});
    CHECK(desk.pushes_for(kNorth) == 1);
    CHECK(desk.effects(id) == 0);
    desk.switch_to(kNorth);
    CHECK(desk.states() == Counts{{"blocked", 1}});
  }
  SECTION("401: the token is renewed, as for any call") {
    int refusals = 0;
    desk.script(kImsPush, [&](const ScriptedTransport::Call& call) -> std::optional<http::Answer> {
      if (++refusals > 1) return desk.to_backend()(call);
      return answer_with(401, R"({"error":{"code":"invalid_token"}})");
    });
    const auto refreshes = desk.network().sent(kImsRefresh).size();
    desk.set_online(true);
    desk.advance(Duration{10'000});
    CHECK(desk.network().sent(kImsRefresh).size() == refreshes + 1);
    // The replay names the same organisation.
    CHECK(desk.pushes() == std::vector<std::string>{kNorth, kNorth});
    CHECK(desk.effects(id) == 1);
    CHECK(desk.session_status() == "authenticated");
  }
}

TEST_CASE("a wait that the server asks of a visit holds the active outbox too (INV-Q8)") {
  Desk desk;
  const auto left = desk.leave_a_sale();
  http::Answer busy = answer_with(503, R"({"error":{"code":"BUSY"}})");
  busy.response->headers.emplace_back("Retry-After", "60");
  desk.script_push(kNorth, busy);
  desk.set_online(true);
  desk.advance(Duration{10'000});
  REQUIRE(desk.pushes() == std::vector<std::string>{kNorth});
  CHECK_FALSE(desk.has_open(kNorth));
  desk.unscript(kImsPush);
  const auto active = desk.sell();
  desk.advance(Duration{30'000});
  CHECK(desk.pushes().size() == 1);
  desk.advance(Duration{60'000});
  CHECK(desk.effects(active) == 1);
  CHECK(desk.effects(left) == 1);
}

TEST_CASE("a key that cannot be read now keeps its own outbox waiting and nothing else (INV-A7)") {
  Desk desk;
  const auto left = desk.leave_a_sale();
  const std::string key = "landfall.outbox." + to_text(auth::partition_id_for(omar().id, kNorth));
  std::size_t asked = 0;
  desk.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    // Without the user's PIN or finger the documents' key may not open; nobody asks for it.
    CHECK(data.value("name", "").find("landfall.documents.") == std::string::npos);
    if (data.value("name", "") == key && ++asked == 1) return Json{{"status", "locked"}};
    return desk.keychain_answer(port, data);
  });
  desk.set_online(true);
  desk.advance(Duration{10'000});
  CHECK(asked == 1);
  CHECK(desk.effects(left) == 0);
  const auto active = desk.sell();
  desk.advance(Duration{5'000});
  CHECK(desk.effects(active) == 1);
  CHECK(desk.session_status() == "authenticated");
  desk.advance(Duration{limits::kVisitRetryMs});
  CHECK(desk.effects(left) == 1);
}

TEST_CASE("INV-S8: a suspension closes a visit, and a background window goes on with it (C-18)") {
  Desk desk;
  const auto id = desk.leave_a_sale();
  const bool is_under_way = GENERATE(false, true);
  INFO("while it is under way: " << is_under_way);
  if (is_under_way) {
    desk.script_push(kNorth, std::nullopt);
    desk.set_online(true);
    desk.advance(Duration{10'000});
    REQUIRE(desk.network().open_calls(kImsPush).size() == 1);
  }
  (void)desk.runtime().suspend(Duration{1'000});
  desk.settle();
  REQUIRE(desk.engine_state() == "suspended");
  CHECK(desk.disk().held().empty());
  CHECK(desk.network().open_calls().empty());
  CHECK(desk.effects(id) == 0);
  REQUIRE(desk.runtime().next_window().has_value());
  CHECK(*desk.runtime().next_window() <= desk.clock().now() + Duration{5'000});
  desk.advance(Duration{60'000});
  desk.network().set_script(desk.to_backend());
  REQUIRE(desk.runtime().run_window(Duration{30'000}) == WindowBegun::begun);
  desk.settle();
  for (int i = 0; i < 400 && desk.events("window.finished").empty(); ++i)
    desk.advance(Duration{100});
  const auto finished = desk.events("window.finished");
  REQUIRE(finished.size() == 1);
  CHECK(finished.front() == Json{{"why", "done"}, {"sent", 1}, {"left", 0}, {"pulled", true}});
  CHECK(desk.effects(id) == 1);
  CHECK(desk.pushes().back() == kNorth);
  CHECK(desk.disk().held().empty());
}

TEST_CASE("a visit that was killed is one that another process repeats (INV-Q2)") {
  for (std::uint64_t steps = 0; steps < 400; steps += 13) {
    INFO("after " << steps << " steps");
    Desk desk;
    const auto id = desk.leave_a_sale();
    desk.go_online_slowly(steps);
    desk.kill();
    desk.boot();
    desk.advance(Duration{180'000});
    CHECK(desk.effects(id) == 1);
    desk.switch_to(kNorth);
    CHECK(desk.states() == Counts{{"applied", 1}});
  }
}

}  // namespace landfall::testing
