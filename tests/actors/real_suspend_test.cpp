#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/actors/pool_rig.hpp"
#include "tests/system_locks.hpp"

namespace landfall::testing {
namespace {

using actors::Submitted;
using actors::Suspended;

constexpr Duration kDeadline{30'000};  // only a failure waits it out

bool has(const std::vector<std::string>& held, const std::string& what) {
  return std::any_of(held.begin(), held.end(),
                     [&](const std::string& each) { return each.find(what) != std::string::npos; });
}

void check_nothing_held(const PoolRig& rig) {
  const auto held = held_below(rig.engine_directory());
  INFO((held.empty() ? "" : held.front()));
  CHECK(held.empty());
}

void wait_until_ready(PoolRig& rig) {
  rig.poll_until([&] { return !rig.engine_states.empty() && rig.engine_states.back() == "ready"; });
}

}  // namespace

TEST_CASE(
    "pool: by the system's own table a running engine holds locks on real files, and a suspended "
    "one neither a lock nor an open file (INV-S8)") {
  PoolRig rig;
  rig.open();
  rig.log_in();
  REQUIRE(rig.call("operations.enqueue", new_requisition(rig.clock())).contains("result"));
  // The test can see them at all.
  const auto held = held_below(rig.engine_directory());
  CHECK(has(held, "lock "));
  CHECK(has(held, "/device.db"));
  CHECK(has(held, "/partitions/"));
  CHECK(has(held, "/lock"));
  for (int round = 0; round < 5; ++round) {
    REQUIRE(rig.runtime().suspend(kDeadline) == Suspended::done);
    check_nothing_held(rig);
    CHECK(rig.call("session.status")["error"]["code"] == "engine.suspended");
    CHECK(rig.runtime().suspend(kDeadline) == Suspended::done);
    rig.engine_states.clear();
    REQUIRE(rig.runtime().resume().has_value());
    wait_until_ready(rig);
    CHECK(has(held_below(rig.engine_directory()), "lock "));
  }
  REQUIRE(rig.runtime().suspend(kDeadline) == Suspended::done);
  rig.runtime().close();
  check_nothing_held(rig);
}

TEST_CASE(
    "pool: threads enqueue across suspensions; what was acknowledged stands, what was refused was "
    "not taken, and no lock is left at any of them (INV-Q1, INV-Q3, INV-S8)") {
  constexpr int kThreads = 3;
  constexpr int kEach = 60;
  PoolRig rig;
  rig.open();
  rig.log_in();
  std::vector<Json> params;
  for (int i = 0; i < kThreads * kEach; ++i) params.push_back(new_requisition(rig.clock()));
  const auto send = [&](std::int64_t id) {
    return rig.runtime().submit(dump_json(Json{{"id", id},
                                               {"request", "operations.enqueue"},
                                               {"params", params[static_cast<std::size_t>(id)]}}));
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i)
        while (send(thread * kEach + i) == Submitted::busy) std::this_thread::yield();
    });
  }
  std::set<std::int64_t> acknowledged;
  std::set<std::int64_t> unsent;
  int suspensions = 0;
  rig.ask_until([&] {
    for (auto& [id, answers] : std::exchange(rig.replies, {})) {
      if (id >= kThreads * kEach) continue;
      for (const Json& answer : answers)
        (answer.contains("result") ? acknowledged : unsent).insert(id);
    }
    if (suspensions < 4 && acknowledged.size() > static_cast<std::size_t>(20 * suspensions)) {
      ++suspensions;
      REQUIRE(rig.runtime().suspend(kDeadline) == Suspended::done);
      check_nothing_held(rig);
      REQUIRE(rig.runtime().resume().has_value());
    }
    std::erase_if(unsent, [&](std::int64_t id) { return send(id) == Submitted::accepted; });
    return suspensions == 4 && acknowledged.size() == params.size();
  });
  for (auto& thread : threads) thread.join();
  const Json list = rig.call("operations.list", {{"settled", true}, {"limit", 500}});
  std::map<std::string, int> listed;
  for (const Json& operation : list.at("result").at("operations"))
    ++listed[operation["id"].get<std::string>()];
  for (const Json& each : params) CHECK(listed[each["id"].get<std::string>()] == 1);
}

TEST_CASE("pool: suspend, resume and close from many threads at once end well") {
  for (int round = 0; round < 10; ++round) {
    PoolRig rig;
    rig.open();
    std::atomic<bool> closes{false};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread) {
      threads.emplace_back([&, thread] {
        while (!closes) {
          (void)rig.runtime().suspend(Duration{thread});
          (void)rig.runtime().resume();
        }
      });
    }
    for (int i = 0; i < 5; ++i) (void)rig.poll_once(Duration{20});
    closes = true;
    rig.runtime().close();
    for (auto& thread : threads) thread.join();
    CHECK(rig.runtime().suspend(kDeadline) == Suspended::closed);
    CHECK_FALSE(rig.runtime().resume().has_value());
    check_nothing_held(rig);
  }
}

}  // namespace landfall::testing
