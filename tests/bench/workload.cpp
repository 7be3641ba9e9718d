#include "tests/bench/workload.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace landfall::bench {
namespace {

constexpr std::size_t kOperations = 10'000;
constexpr std::size_t kOperationsQuick = 256;
// A slow disk's syncs are the same one after the other: fewer of them say as much.
constexpr std::size_t kOperationsOnSlowDisk = 1'000;
constexpr std::size_t kInFlight = 64;
constexpr std::size_t kStoredOperations = 50'000;
constexpr std::size_t kStoredDocuments = 20'000;
constexpr std::size_t kStoredDivisorQuick = 100;

Workload serial(const char* variant, bool is_full, bool in_process, double must, double aim) {
  Workload workload;
  workload.id = "W1a";
  workload.variant = variant;
  workload.is_full = is_full;
  workload.n = kOperations;
  workload.in_process = in_process;
  workload.must = must;
  workload.aim = aim;
  return workload;
}

Workload grouped(bool is_full, double must, double aim) {
  Workload workload = serial("64_in_flight", is_full, false, must, aim);
  workload.id = "W1b";
  workload.in_flight = kInFlight;
  return workload;
}

Workload opened(const char* variant, std::size_t times) {
  Workload workload;
  workload.id = "W3";
  workload.variant = variant;
  workload.n = kStoredOperations * times;
  workload.documents = kStoredDocuments * times;
  workload.work = Work::open;
  workload.compared = Compared::time;
  workload.must = 3;
  workload.aim = 2;
  return workload;
}

std::vector<Workload> all_workloads() {
  return {serial("c_interface", true, false, 0.60, 0.75),
          serial("c_interface", false, false, 0.25, 0.45),
          serial("in_process", true, true, 0.85, 0.95),
          serial("in_process", false, true, 0.65, 0.80),
          grouped(true, 0.75, 0.90),
          grouped(false, 0.65, 0.85),
          opened("1x", 1),
          opened("10x", 10)};
}

void shrink(Workload& workload, const Selection& selection) {
  if (workload.work == Work::open) {
    if (selection.quick) workload.n /= kStoredDivisorQuick;
    if (selection.quick) workload.documents /= kStoredDivisorQuick;
    return;
  }
  if (selection.sync_extra_us > 0 && workload.in_flight == 1) workload.n = kOperationsOnSlowDisk;
  if (selection.quick) workload.n = kOperationsQuick;
}

double compare(Compared by, const Figures& engine, const Figures& reference) {
  return by == Compared::rate ? engine.ops_s / reference.ops_s : engine.p50_us / reference.p50_us;
}

}  // namespace

const std::vector<std::string>& workload_ids() {
  static const std::vector<std::string> ids = {"W1a", "W1b", "W3"};
  return ids;
}

std::vector<Workload> select_workloads(const Selection& selection) {
  auto workloads = all_workloads();
  std::erase_if(workloads, [&](const Workload& workload) {
    return !selection.only.empty() && std::find(selection.only.begin(), selection.only.end(),
                                                workload.id) == selection.only.end();
  });
  for (auto& workload : workloads) shrink(workload, selection);
  return workloads;
}

Measured measure(const Workload& workload, int repeats, const TakeSample& take) {
  std::array<std::vector<Figures>, 3> samples;
  std::vector<double> ratios;
  std::vector<double> bare_ratios;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    std::array order = {Contestant::engine, Contestant::raw, Contestant::bare};
    if (repeat % 2 == 1) std::reverse(order.begin(), order.end());
    for (const Contestant contestant : order) {
      samples[static_cast<std::size_t>(contestant)].push_back(take(contestant));
    }
    const Figures& engine = samples[0].back();
    ratios.push_back(compare(workload.compared, engine, samples[1].back()));
    bare_ratios.push_back(compare(workload.compared, engine, samples[2].back()));
  }
  Measured measured{workload, median_of(samples[0]), median_of(samples[1]), median_of(samples[2])};
  measured.ratio = median_of(ratios);
  measured.ratio_min = *std::min_element(ratios.begin(), ratios.end());
  measured.ratio_max = *std::max_element(ratios.begin(), ratios.end());
  measured.ratio_bare = median_of(std::move(bare_ratios));
  return measured;
}

std::string name_of(const Workload& workload) {
  const std::string name = workload.id + " " + workload.variant;
  return workload.work == Work::open ? name : name + (workload.is_full ? " FULL" : " NORMAL");
}

}  // namespace landfall::bench
