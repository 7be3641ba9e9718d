#include "simulator/explore/explore.hpp"

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <memory>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "schema/limits.hpp"
#include "simulator/explore/draw_profile.hpp"
#include "simulator/oracles/all.hpp"
#include "simulator/oracles/outbox.hpp"
#include "simulator/world/colleague.hpp"
#include "simulator/world/pin_owner.hpp"
#include "simulator/world/push_traffic.hpp"
#include "simulator/world/virtual_world.hpp"
#include "simulator/world/workload.hpp"

namespace landfall::explore {
namespace {

using faults::Fault;

constexpr std::uint64_t kCoverageSeedsMin = 100;
constexpr double kOperationsPerDeviceHourMin = 60.0;
constexpr Duration kRestMax{std::chrono::hours{3}};
constexpr Duration kOperationEvery{std::chrono::seconds{35}};
constexpr Duration kPushEvery{std::chrono::minutes{3}};
constexpr double kShared = 0.25;

backend::BackendOptions draw_backend(Random& random) {
  backend::BackendOptions options;
  options.refresh_mode = static_cast<backend::RefreshMode>(random.below(3));
  options.page_limit = random.between(3, 60);
  return options;
}

// What one seed is made of. Every part has a stream of its own, so that a change of one leaves the
// others as they were.
world::WorldOptions draw_options(std::uint64_t seed, const ExploreOptions& options) {
  Random plan = Random::stream(seed, "plan");
  Random backend = Random::stream(seed, "backend options");
  Random profile = Random::stream(seed, "profile");
  world::WorldOptions drawn;
  drawn.seed = seed;
  drawn.plan = faults::FaultPlan::draw(plan);
  drawn.profile = draw_profile(options.profile, profile);
  drawn.backend = draw_backend(backend);
  if (drawn.profile.is_object() && drawn.profile.contains("permissions"))
    drawn.backend.rights = {{"approval/approve", "Approve"}, {"approval/reject", "Reject"}};
  if (signs_approvals(drawn.profile)) drawn.backend.attested = {"approval/approve"};
  drawn.trace_text = options.trace_text;
  return drawn;
}

// Some phones are shared with a colleague. Then only those oracles watch that tell users apart, and
// neither a PIN, a full disk nor an erasure stands in the way of a visit.
bool is_shared(const world::VirtualWorld& world) {
  Random shared = Random::stream(world.seed(), "shared");
  const bool is_free = !world.plan().loses_data() && world.plan().full_mean.count() == 0 &&
                       !has_cheap_pin(world.profile_config());
  return shared.chance(kShared) && is_free;
}

oracles::Watch watch_of(const world::VirtualWorld& world) {
  if (is_shared(world)) return oracles::Watch::shared_phone;
  return world.plan().loses_data() ? oracles::Watch::lossy_world : oracles::Watch::all;
}

// Who lives in a world: a user at work and a push service for each phone.
struct Inhabitants {
  std::vector<std::unique_ptr<world::Workload>> workloads;
  std::vector<std::unique_ptr<world::PushTraffic>> pushes;
  std::vector<std::unique_ptr<world::PinOwner>> owners;
  std::vector<std::unique_ptr<world::Colleague>> colleagues;
};

Inhabitants move_in(world::VirtualWorld& world) {
  Random shape = Random::stream(world.seed(), "shape");
  const auto& users = backend::Backend::seed_users();
  const std::uint64_t phones = 1 + (shape.chance(0.35) ? 1 : 0);
  const bool same_user = shape.chance(0.6);
  Inhabitants inhabitants;
  for (std::uint64_t i = 0; i < phones; ++i) {
    const auto& user = users[same_user ? 0 : i];
    auto& phone =
        world.add_phone("phone" + std::to_string(i + 1), {user.id, user.email, user.password});
    inhabitants.workloads.push_back(
        std::make_unique<world::Workload>(world, phone, kOperationEvery));
    inhabitants.pushes.push_back(std::make_unique<world::PushTraffic>(world, phone, kPushEvery));
    if (is_shared(world)) {
      const auto& other = users[2];
      inhabitants.colleagues.push_back(std::make_unique<world::Colleague>(
          world, phone, world::Account{other.id, other.email, other.password}));
    }
    if (!has_cheap_pin(world.profile_config())) continue;
    inhabitants.owners.push_back(std::make_unique<world::PinOwner>(world, phone));
    world.add_observer(*inhabitants.owners.back());
  }
  return inhabitants;
}

bool at_rest(world::VirtualWorld& world) {
  for (const auto& phone : world.phones()) {
    const bool is_barred = phone->session_status() == "locked";
    if (!phone->is_ready() || is_barred || phone->is_lent() || phone->has_open_intents())
      return false;
  }
  return oracles::outboxes_are_at_rest(world);
}

constexpr Duration kRestCheck{std::chrono::seconds{20}};
// Who had no room tries again later, and may hear only then of a right that what is blocked waits
// for: that sets it moving once more.
constexpr Duration kRestKept{limits::kStorageRetryMs};

void come_to_rest(world::VirtualWorld& world) {
  for (const auto& phone : world.phones()) {
    if (phone->session_status() == "unauthenticated" && !phone->is_lent()) phone->login();
  }
  std::optional<Duration> at_rest_since;
  for (Duration rested{0}; rested < kRestMax; rested += kRestCheck) {
    if (!at_rest(world)) {
      at_rest_since.reset();
    } else if (!at_rest_since) {
      at_rest_since = rested;
    }
    if (at_rest_since && rested - *at_rest_since > kRestKept) return;
    world.run_for(kRestCheck);
  }
}

// Before anybody makes room: what was accepted must go out all the same (INV-S3).
void rest_on_full_disks(world::VirtualWorld& world) {
  for (auto* phone : world.virtual_phones()) {
    if (!phone->disk().is_limited()) world.count(Fault::disk_full);
    phone->fill_disk();
  }
  world.heal_all_but_room();
  come_to_rest(world);
  world.tell_full_rest();
}

void live(world::VirtualWorld& world, const Inhabitants& inhabitants, double hours) {
  const auto span = Duration{static_cast<std::int64_t>(hours * 3'600'000.0)};
  for (const auto& phone : world.phones()) phone->boot();
  for (const auto& workload : inhabitants.workloads) workload->start();
  for (const auto& pushes : inhabitants.pushes) pushes->start();
  for (const auto& colleague : inhabitants.colleagues) colleague->start();
  world.start_chaos();
  world.run_for(span);
  for (const auto& workload : inhabitants.workloads) workload->stop();
  for (const auto& pushes : inhabitants.pushes) pushes->stop();
  for (const auto& colleague : inhabitants.colleagues) colleague->stop();
  for (const auto& phone : world.phones()) phone->set_wants_session(!phone->is_lent());
  if (world.plan().full_mean.count() > 0) rest_on_full_disks(world);
  world.heal();
  come_to_rest(world);
  world.end();
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  return (hash ^ value) * 0x100000001b3ULL;
}

void count_states(world::VirtualWorld& world, Report& report) {
  for (const auto& phone : world.phones()) {
    const auto outbox = oracles::read_outbox(world, *phone);
    if (!outbox) continue;
    for (const auto& operation : *outbox) ++report.states[operation["state"].get<std::string>()];
  }
}

void run_seed(std::uint64_t seed, const ExploreOptions& options, Report& report) {
  world::VirtualWorld world(draw_options(seed, options));
  oracles::All oracles(watch_of(world));
  oracles.join(world);
  const auto inhabitants = move_in(world);
  live(world, inhabitants, options.hours);
  count_states(world, report);
  ++report.seeds;
  report.simulated_hours += options.hours;
  report.device_hours += options.hours * static_cast<double>(world.phones().size());
  report.operations_accepted += world.acknowledged();
  report.faults.add(world.fault_counts());
  for (const auto& violation : world.violations()) report.violations.push_back({seed, violation});
  report.trace_hash = mix(report.trace_hash, world.trace().hash());
}

bool has_fired(const Report& report, const std::string& oracle) {
  return std::any_of(report.violations.begin(), report.violations.end(),
                     [&](const auto& found) { return found.violation.oracle == oracle; });
}

// A range this long that never injected a fault, or in which hardly anybody worked, proves nothing.
void check_coverage(Report& report) {
  if (report.seeds < kCoverageSeedsMin) return;
  if (static_cast<double>(report.operations_accepted) <
      kOperationsPerDeviceHourMin * report.device_hours) {
    report.violations.push_back(
        {0, {"coverage", "too few operations were accepted a device-hour", 0}});
  }
  for (const auto& [name, count] : report.faults.by_name()) {
    if (count == 0)
      report.violations.push_back(
          {0, {"coverage", "the fault " + name + " was never injected", 0}});
  }
}

}  // namespace

Report explore(const ExploreOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  Report report;
  report.trace_hash = 0xcbf29ce484222325ULL;
  for (std::uint64_t seed = options.seed_first; seed <= options.seed_last; ++seed) {
    run_seed(seed, options, report);
    if (options.progress) options.progress(report.seeds, report.violations.size());
    if (has_fired(report, options.until_oracle)) break;
  }
  report.crashes = report.faults.of(Fault::kill) + report.faults.of(Fault::power_cut);
  report.power_cuts = report.faults.of(Fault::power_cut);
  check_coverage(report);
  report.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

nlohmann::json Report::to_json() const {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& found : violations) {
    list.push_back({{"seed", found.seed},
                    {"oracle", found.violation.oracle},
                    {"step", found.violation.step},
                    {"detail", found.violation.detail}});
  }
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016" PRIx64, trace_hash);
  return {{"seeds", seeds},
          {"simulated_hours", simulated_hours},
          {"device_hours", device_hours},
          {"operations_accepted", operations_accepted},
          {"operations", states},
          {"crashes", crashes},
          {"power_cuts", power_cuts},
          {"faults", faults.by_name()},
          {"violations", list},
          {"trace_hash", hash},
          {"hours_per_second", wall_seconds > 0 ? simulated_hours / wall_seconds : 0}};
}

}  // namespace landfall::explore
