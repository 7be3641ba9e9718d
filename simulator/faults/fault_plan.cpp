#include "simulator/faults/fault_plan.hpp"

#include <algorithm>
#include <array>

namespace landfall::faults {
namespace {

struct Range {
  Fault fault;
  double low;
  double high;
};

// Probabilities per call when a class is on. A day of retries must still come to an end, so that
// none is near one.
constexpr std::array<Range, 15> kPerCall = {{
    {Fault::slow, 0.02, 0.10},
    {Fault::refused, 0.01, 0.08},
    {Fault::lost_request, 0.01, 0.10},
    {Fault::lost_answer, 0.01, 0.12},
    {Fault::duplicate_request, 0.01, 0.08},
    {Fault::server_error, 0.01, 0.12},
    {Fault::late_error, 0.01, 0.06},
    {Fault::retry_after, 0.005, 0.04},
    {Fault::unauthorized, 0.005, 0.05},
    {Fault::revoked_tokens, 0.005, 0.03},
    {Fault::cut_body, 0.01, 0.06},
    {Fault::garbage_body, 0.01, 0.05},
    {Fault::keys_locked, 0.10, 0.40},
    {Fault::edited_by_other, 0.05, 0.20},
    {Fault::history_purged, 0.001, 0.01},
}};

// A glance at another app, a lift ride, a meeting, a nap.
constexpr std::array<Duration, 4> kSleeps = {Duration{2'000}, Duration{30'000}, Duration{600'000},
                                             Duration{2'400'000}};

double between(Random& random, double low, double high) {
  return low + (high - low) * random.unit();
}

// One world in six loses data; what an update and a downgrade find is whole, and every oracle
// watches.
void draw_file_events(Random& random, FaultPlan& plan) {
  if (random.chance(0.17)) {
    plan.damage_mean = Duration{random.between(1'200'000, 5'400'000)};
    plan.erase_mean = Duration{random.between(3'600'000, 10'800'000)};
  }
  if (random.chance(0.25)) plan.update_mean = Duration{random.between(2'400'000, 7'200'000)};
  if (random.chance(0.25)) plan.newest_mean = Duration{random.between(2'400'000, 7'200'000)};
}

}  // namespace

std::string_view to_string(Fault fault) noexcept {
  switch (fault) {
    case Fault::slow:
      return "slow";
    case Fault::refused:
      return "refused";
    case Fault::lost_request:
      return "lost_request";
    case Fault::lost_answer:
      return "lost_answer";
    case Fault::duplicate_request:
      return "duplicate_request";
    case Fault::server_error:
      return "server_error";
    case Fault::late_error:
      return "late_error";
    case Fault::retry_after:
      return "retry_after";
    case Fault::unauthorized:
      return "unauthorized";
    case Fault::revoked_tokens:
      return "revoked_tokens";
    case Fault::cut_body:
      return "cut_body";
    case Fault::garbage_body:
      return "garbage_body";
    case Fault::server_down:
      return "server_down";
    case Fault::offline_spell:
      return "offline_spell";
    case Fault::kill:
      return "kill";
    case Fault::power_cut:
      return "power_cut";
    case Fault::keys_locked:
      return "keys_locked";
    case Fault::edited_by_other:
      return "edited_by_other";
    case Fault::history_purged:
      return "history_purged";
    case Fault::disk_full:
      return "disk_full";
    case Fault::failed_sync:
      return "failed_sync";
    case Fault::suspended:
      return "suspended";
    case Fault::damaged_page:
      return "damaged_page";
    case Fault::app_updated:
      return "app_updated";
    case Fault::app_downgraded:
      return "app_downgraded";
  }
  return "";
}

bool can_strike_call(Fault fault) noexcept {
  switch (fault) {
    case Fault::offline_spell:
    case Fault::server_down:
    case Fault::kill:
    case Fault::power_cut:
    case Fault::keys_locked:
    case Fault::disk_full:
    case Fault::failed_sync:
    case Fault::suspended:
    case Fault::damaged_page:
    case Fault::app_updated:
    case Fault::app_downgraded:
      return false;
    default:
      return true;
  }
}

double FaultPlan::chance_of(Fault fault) const {
  const auto found = per_call.find(fault);
  return found == per_call.end() ? 0.0 : found->second;
}

FaultPlan FaultPlan::none() { return {}; }

FaultPlan FaultPlan::draw(Random& random) {
  FaultPlan plan;
  for (const auto& range : kPerCall) {
    const bool on = random.chance(0.5);
    const double value = between(random, range.low, range.high);
    if (on) plan.per_call[range.fault] = value;
  }
  plan.latency_high = Duration{random.between(100, 3'000)};
  if (random.chance(0.7)) {
    plan.offline_mean = Duration{random.between(5'000, 900'000)};
    plan.online_mean = Duration{random.between(60'000, 1'800'000)};
  }
  if (random.chance(0.5)) {
    plan.down_mean = Duration{random.between(20'000, 600'000)};
    plan.well_mean = Duration{random.between(600'000, 7'200'000)};
  }
  if (random.chance(0.7)) {
    plan.life_mean = Duration{random.between(300'000, 3'600'000)};
    plan.power_share = random.unit();
  }
  if (random.chance(0.35)) {
    plan.full_mean = Duration{random.between(60'000, 1'800'000)};
    plan.roomy_mean = Duration{random.between(600'000, 5'400'000)};
  }
  // Further apart than the engine counts restarts together.
  if (random.chance(0.35)) plan.sound_mean = Duration{random.between(2'400'000, 7'200'000)};
  if (random.chance(0.5)) {
    plan.awake_mean = Duration{random.between(300'000, 5'400'000)};
    plan.asleep_mean = kSleeps[random.below(kSleeps.size())];
  }
  draw_file_events(random, plan);
  return plan;
}

Duration draw_around(Random& random, Duration mean) {
  const double factor = random.chance(0.2) ? 1.0 + 3.0 * random.unit() : 0.1 + 1.1 * random.unit();
  return Duration{std::max<std::int64_t>(
      1, static_cast<std::int64_t>(static_cast<double>(mean.count()) * factor))};
}

void FaultCounts::add(const FaultCounts& other) {
  for (const auto& [fault, count] : other.counts_) counts_[fault] += count;
}

std::uint64_t FaultCounts::of(Fault fault) const {
  const auto found = counts_.find(fault);
  return found == counts_.end() ? 0 : found->second;
}

std::map<std::string, std::uint64_t> FaultCounts::by_name() const {
  std::map<std::string, std::uint64_t> named;
  for (int i = 0; i < kFaultCount; ++i) {
    const auto fault = static_cast<Fault>(i);
    named.emplace(to_string(fault), of(fault));
  }
  return named;
}

}  // namespace landfall::faults
