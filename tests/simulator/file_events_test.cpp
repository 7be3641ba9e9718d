#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>

#include "simulator/oracles/all.hpp"
#include "simulator/world/virtual_world.hpp"
#include "simulator/world/workload.hpp"

using namespace landfall;
using faults::Fault;

namespace {

constexpr Duration kSpan{3'600'000};

struct Life {
  std::uint64_t trace = 0;
  faults::FaultCounts counts;
  std::vector<world::Violation> violations;
};

// A phone whose files nothing else happens to.
Life live(std::uint64_t seed, const faults::FaultPlan& plan) {
  oracles::All watch(plan.loses_data() ? oracles::Watch::lossy_world : oracles::Watch::all);
  world::WorldOptions options;
  options.seed = seed;
  options.plan = plan;
  world::VirtualWorld world(std::move(options));
  watch.join(world);
  const auto& user = backend::Backend::seed_users()[0];
  auto& phone = world.add_phone("phone1", {user.id, user.email, user.password});
  world::Workload workload(world, phone, Duration{35'000});
  phone.boot();
  workload.start();
  world.start_chaos();
  world.run_for(kSpan);
  workload.stop();
  phone.set_wants_session(true);
  world.heal();
  if (phone.session_status() == "unauthenticated") phone.login();
  world.run_for(Duration{900'000});
  world.end();
  return {world.trace().hash(), world.fault_counts(), world.violations()};
}

faults::FaultPlan with(Duration faults::FaultPlan::*mean) {
  faults::FaultPlan plan;
  plan.*mean = Duration{500'000};
  plan.offline_mean = Duration{300'000};
  plan.online_mean = Duration{300'000};
  return plan;
}

void check_holds(std::uint64_t seed, const Life& life) {
  for (const auto& violation : life.violations)
    FAIL_CHECK("seed " << seed << " " << violation.oracle << ": " << violation.detail);
}

void check(Duration faults::FaultPlan::*mean, Fault fault) {
  std::uint64_t strikes = 0;
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    const Life life = live(seed, with(mean));
    check_holds(seed, life);
    strikes += life.counts.of(fault);
  }
  CHECK(strikes >= 3);
}

}  // namespace

TEST_CASE("INV-S4: pages decay under a phone at work, and what is lost is told") {
  check(&faults::FaultPlan::damage_mean, Fault::damaged_page);
}

TEST_CASE("INV-S6: an older app finds a newer file, and the newer app goes on with it") {
  check(&faults::FaultPlan::newest_mean, Fault::app_downgraded);
}

TEST_CASE("INV-S7: updates in the middle of a life, cut short by crashes, lose nothing") {
  check(&faults::FaultPlan::update_mean, Fault::app_updated);
}

TEST_CASE("INV-X2: who erases everything between two days of work leaves no trace of the first") {
  for (std::uint64_t seed = 1; seed <= 2; ++seed)
    check_holds(seed, live(seed, with(&faults::FaultPlan::erase_mean)));
}

TEST_CASE("a world in which files change is the same world twice") {
  faults::FaultPlan plan = with(&faults::FaultPlan::damage_mean);
  plan.update_mean = plan.newest_mean = Duration{700'000};
  CHECK(live(5, plan).trace == live(5, plan).trace);
}
