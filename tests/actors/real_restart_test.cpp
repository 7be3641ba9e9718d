#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/actors/pool_rig.hpp"
#include "tests/engine/store/fault_vfs.hpp"

namespace landfall::testing {
namespace {

using actors::Submitted;

std::string enqueue_text(std::int64_t id, const Json& params) {
  return dump_json(Json{{"id", id}, {"request", "operations.enqueue"}, {"params", params}});
}

}  // namespace

TEST_CASE(
    "pool: scopes restart beneath threads that enqueue: what was not acknowledged is asked again, "
    "and stands in the outbox once (INV-Q3, INV-S5)") {
  constexpr int kThreads = 3;
  constexpr int kEach = 50;
  constexpr int kAll = kThreads * kEach + 20;
  test::FaultVfs vfs;
  PoolRig rig{{vfs.name(), {}}};
  rig.open();
  rig.log_in();
  std::vector<Json> params;
  for (int i = 0; i < kAll; ++i) params.push_back(new_requisition(rig.clock()));
  const auto send = [&](std::int64_t id) {
    return rig.runtime().submit(enqueue_text(id, params[static_cast<std::size_t>(id)]));
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
  const auto break_disk_once = [&] {
    rig.engine_states.clear();
    vfs.fail_count = 1;
    vfs.fail_at_change = 0;
  };
  const auto has_restarted = [&] {
    return !rig.engine_states.empty() && rig.engine_states.back() == "ready";
  };
  int faults = 0;
  rig.poll_until([&] {
    for (auto& [id, answers] : std::exchange(rig.replies, {})) {
      if (id >= kAll) continue;
      for (const Json& answer : answers)
        (answer.contains("result") ? acknowledged : unsent).insert(id);
    }
    if (faults == 0 && acknowledged.size() > 20) {
      break_disk_once();
      ++faults;
    } else if (faults == 1 && has_restarted()) {
      break_disk_once();
      ++faults;
      for (int id = kThreads * kEach; id < kAll; ++id) unsent.insert(id);
    }
    // What finds no room is tried after the next poll, which makes some.
    std::erase_if(unsent, [&](std::int64_t id) { return send(id) == Submitted::accepted; });
    return faults == 2 && has_restarted() && acknowledged.size() == kAll;
  });
  for (auto& thread : threads) thread.join();
  const Json list = rig.call("operations.list", {{"settled", true}, {"limit", 500}});
  std::map<std::string, int> listed;
  for (const Json& operation : list.at("result").at("operations"))
    ++listed[operation["id"].get<std::string>()];
  CHECK(listed.size() == params.size());
  for (const Json& each : params) CHECK(listed[each["id"].get<std::string>()] == 1);
  rig.runtime().close();
}

}  // namespace landfall::testing
