#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "schema/limits.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using actors::WindowBegun;

constexpr Duration kBudget{30'000};

void suspend(Rig& rig) {
  (void)rig.runtime().suspend(Duration{1'000});
  rig.settle();
  REQUIRE(rig.engine_state() == "suspended");
}

std::vector<Json> reports(const Rig& rig) { return rig.events("window.finished"); }

// Lets the window take its time; its report.
Json run_window(Rig& rig, Duration budget = kBudget) {
  const auto before = reports(rig).size();
  REQUIRE(rig.runtime().run_window(budget) == WindowBegun::begun);
  rig.settle();
  for (int i = 0; i < 400 && reports(rig).size() == before; ++i) rig.advance(Duration{100});
  REQUIRE(reports(rig).size() == before + 1);
  return reports(rig).back();
}

// An operation waits, and the phone sleeps.
std::string sleep_with_work(Rig& rig) {
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{2'000});
  rig.set_online(false);
  std::string id = rig.enqueue_requisition();
  suspend(rig);
  return id;
}

// The network of a phone that sleeps; nobody tells the engine.
void set_network(Rig& rig, bool up) {
  if (up) {
    rig.network().set_script(rig.to_backend());
  } else {
    rig.network().set_script(
        [](const auto&) { return answer_with(http::TransportFailure::not_sent); });
  }
}

}  // namespace

TEST_CASE(
    "a window drains the outbox of a suspended engine, pulls once, and ends suspended with nothing "
    "held (P-27, P-28, INV-S8)") {
  Rig rig;
  const std::string id = sleep_with_work(rig);
  set_network(rig, true);
  const auto pulls = rig.network().sent(kPull).size();
  const Instant began = rig.clock().now();
  const Json report = run_window(rig);
  CHECK(report == Json{{"why", "done"}, {"sent", 1}, {"left", 0}, {"pulled", true}});
  CHECK(rig.clock().now() - began < Duration{5'000});
  CHECK(rig.engine_state() == "suspended");
  CHECK(rig.disk().held().empty());
  CHECK(rig.network().open_calls().empty());
  CHECK(rig.backend().ledger().effect_count(id) == 1);
  // Once for itself, and once more behind the verdict (P-28, step 3).
  CHECK(rig.network().sent(kPull).size() <= pulls + 3);
  // Nothing is due for the next one, which opens nothing.
  const auto io = rig.disk().io_operations();
  CHECK(run_window(rig) ==
        Json{{"why", "done"}, {"sent", 0}, {"left", nullptr}, {"pulled", false}});
  CHECK(rig.disk().io_operations() == io);
}

TEST_CASE("a window without a network gives up early; what is left waits for the next one") {
  Rig rig;
  (void)sleep_with_work(rig);
  set_network(rig, false);
  const Instant began = rig.clock().now();
  const Json report = run_window(rig);
  CHECK(report["why"] == "offline");
  CHECK(report["sent"] == 0);
  CHECK(report["left"] == 1);
  CHECK(report["pulled"] == false);
  CHECK(rig.clock().now() - began >= Duration{limits::kWindowOfflineMs});
  CHECK(rig.clock().now() - began < kBudget);
  const auto next = rig.runtime().next_window();
  REQUIRE(next.has_value());
  CHECK(*next - rig.clock().now() <= Duration{limits::kWindowGapMs});
  CHECK(*next - rig.clock().now() > Duration{limits::kWindowGapMs - 1'000});
}

TEST_CASE("a window ends within its budget, also while the server thinks (INV-S8)") {
  for (const std::int64_t budget_ms : {300LL, 2'000LL, 15'000LL}) {
    Rig rig;
    const std::string id = sleep_with_work(rig);
    rig.network().set_script([&](const ScriptedTransport::Call& call) {
      if (call.request.target == kPush) return std::optional<http::Answer>{};
      return rig.to_backend()(call);
    });
    const Instant began = rig.clock().now();
    const Json report = run_window(rig, Duration{budget_ms});
    INFO("a budget of " << budget_ms << " ms: " << report.dump());
    // The sends behind an edge are spread: within so short a window this one is not due.
    CHECK(report["why"] == (budget_ms == 300 ? "done" : "budget"));
    CHECK(report["left"] == 1);
    CHECK(rig.clock().now() - began <= Duration{budget_ms + 100});
    CHECK(rig.disk().held().empty());
    CHECK(rig.network().open_calls().empty());
    set_network(rig, true);
    CHECK(rig.runtime().resume().has_value());
    rig.settle();
    rig.advance(Duration{60'000});
    CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
    CHECK(rig.backend().ledger().effect_count(id) == 1);
  }
}

TEST_CASE("a retry that is due within the window is waited for, a later one is not") {
  Rig rig;
  (void)sleep_with_work(rig);
  int pushes = 0;
  rig.network().set_script([&](const ScriptedTransport::Call& call) {
    const bool fails = call.request.target == kPush && ++pushes == 1;
    return fails ? std::optional{answer_with(500, R"({"error":{"code":"BUSY"}})")}
                 : rig.to_backend()(call);
  });
  const Json report = run_window(rig);
  CHECK(report == Json{{"why", "done"}, {"sent", 2}, {"left", 0}, {"pulled", true}});
}

TEST_CASE("a host that comes while a window is open keeps the engine") {
  for (std::uint64_t steps = 0; steps < 60; ++steps) {
    Rig rig;
    (void)sleep_with_work(rig);
    set_network(rig, true);
    rig.shuffle(steps + 1);
    INFO("after " << steps << " steps");
    REQUIRE(rig.runtime().run_window(kBudget) == WindowBegun::begun);
    for (std::uint64_t i = 0; i < steps; ++i) {
      if (rig.runtime().ready() > 0)
        rig.step();
      else
        (void)rig.network().pump();
      rig.read_messages();
    }
    CHECK(rig.runtime().resume().has_value());
    rig.settle();
    rig.advance(kBudget);
    REQUIRE(reports(rig).size() == 1);
    CHECK(rig.engine_state() == "ready");
    CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
  }
}

TEST_CASE("a host that suspends the engine ends the window, and one window is open at a time") {
  Rig rig;
  (void)sleep_with_work(rig);
  rig.network().set_script([](const auto&) { return std::nullopt; });
  REQUIRE(rig.runtime().run_window(kBudget) == WindowBegun::begun);
  rig.settle();
  rig.advance(Duration{500});
  CHECK(rig.runtime().run_window(kBudget) == WindowBegun::busy);
  (void)rig.runtime().suspend(Duration{1'000});
  rig.settle();
  REQUIRE(reports(rig).size() == 1);
  CHECK(reports(rig).back()["why"] == "suspended");
  CHECK(rig.engine_state() == "suspended");
  CHECK(rig.disk().held().empty());
  CHECK(rig.runtime().run_window(kBudget) == WindowBegun::begun);
}

TEST_CASE("a window on an engine that runs drains it and leaves it running") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  (void)rig.enqueue_requisition();
  const Json report = run_window(rig);
  CHECK(report["why"] == "done");
  CHECK(report["left"] == 0);
  CHECK(report["pulled"] == true);
  CHECK(rig.engine_state() == "ready");
}

TEST_CASE("what stands in the way of a window is told") {
  Rig rig;
  SECTION("nobody is logged in") {
    rig.boot();
    suspend(rig);
    CHECK_FALSE(rig.runtime().next_window().has_value());
    CHECK(run_window(rig)["why"] == "done");  // nothing is due, so nothing was opened
  }
  SECTION("the keys are locked (INV-A7)") {
    (void)sleep_with_work(rig);
    rig.set_port([&](const std::string& port, const Json& data) {
      if (port == "secret.read") return std::optional<Json>{{{"status", "locked"}}};
      return std::optional<Json>{rig.keychain_answer(port, data)};
    });
    const Json report = run_window(rig);
    CHECK(report["why"] == "locked");
    CHECK(report["left"] == nullptr);
  }
  SECTION("another engine owns the directory") {
    (void)sleep_with_work(rig);
    const auto other = rig.disk().lock_directory("/phone");
    const Json report = run_window(rig);
    CHECK(report["why"] == "refused");
    CHECK(report["code"] == "directory.locked");
  }
  CHECK(rig.engine_state() == "suspended");
}

TEST_CASE("after a logout no window is wanted, whatever the outbox keeps (INV-A12)") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  (void)rig.enqueue_requisition();
  CHECK(rig.runtime().next_window() == rig.clock().now());
  REQUIRE(rig.call("session.logout").contains("result"));
  suspend(rig);
  CHECK_FALSE(rig.runtime().next_window().has_value());
}

TEST_CASE("windows may be opened, resumed and suspended at every step; the engine ends as told") {
  for (std::uint64_t steps = 0; steps < 40; ++steps) {
    Rig rig;
    (void)sleep_with_work(rig);
    set_network(rig, true);
    rig.shuffle(steps + 1);
    INFO("after " << steps << " steps");
    REQUIRE(rig.runtime().run_window(kBudget) == WindowBegun::begun);
    for (std::uint64_t i = 0; i < steps && rig.runtime().ready() > 0; ++i) rig.step();
    (void)rig.runtime().suspend(Duration{1'000});
    for (std::uint64_t i = 0; i < steps % 7 && rig.runtime().ready() > 0; ++i) rig.step();
    (void)rig.runtime().run_window(kBudget);
    rig.settle();
    rig.advance(Duration{60'000});
    CHECK(rig.engine_state() == "suspended");
    CHECK(rig.disk().held().empty());
    REQUIRE_FALSE(reports(rig).empty());
  }
}

}  // namespace landfall::testing
