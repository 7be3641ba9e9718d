#include "tests/bench/workload.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace landfall::bench {
namespace {

const std::vector<Contestant> kEngineAlone = {Contestant::engine};

Workload serial(const char* variant, bool is_full, bool in_process, double must, double aim) {
  Workload workload;
  workload.id = "W1a";
  workload.variant = variant;
  workload.is_full = is_full;
  workload.n = 10'000;
  workload.in_process = in_process;
  workload.must = must;
  workload.aim = aim;
  return workload;
}

Workload grouped(bool is_full, double must, double aim) {
  Workload workload = serial("64_in_flight", is_full, false, must, aim);
  workload.id = "W1b";
  workload.in_flight = 64;
  return workload;
}

Workload drained(const char* id, const char* variant, std::size_t of_a_request, double must,
                 double aim) {
  Workload workload;
  workload.id = id;
  workload.variant = variant;
  workload.work = Work::drain;
  workload.n = 10'000;
  workload.stored_operations = workload.n;
  workload.in_flight = of_a_request;
  workload.must = must;
  workload.aim = aim;
  return workload;
}

Workload opened(const char* variant, std::size_t times) {
  Workload workload;
  workload.id = "W3";
  workload.variant = variant;
  workload.work = Work::open;
  workload.n = 50'000 * times;
  workload.stored_operations = workload.n;
  workload.stored_documents = 20'000 * times;
  workload.compared = Compared::time;
  workload.must = 3;
  workload.aim = 2;
  return workload;
}

Workload read_through() {
  Workload workload;
  workload.id = "W4";
  workload.variant = "in_process";
  workload.work = Work::read_through;
  workload.contestants = {Contestant::engine, Contestant::raw};
  workload.in_process = true;
  workload.n = 100'000;
  workload.keys = 50'000;
  workload.must = 0.75;
  workload.aim = 1.0;
  return workload;
}

Workload pulled() {
  Workload workload;
  workload.id = "W5";
  workload.variant = "in_process";
  workload.work = Work::pull;
  workload.in_process = true;
  workload.n = 20'000;
  workload.must = 0.40;
  workload.aim = 0.65;
  return workload;
}

Workload of_engine(const char* id, const char* variant, Work work, std::size_t n) {
  Workload workload;
  workload.id = id;
  workload.variant = variant;
  workload.work = work;
  workload.contestants = kEngineAlone;
  workload.n = n;
  return workload;
}

Workload delivered() { return of_engine("W6", "c_interface", Work::deliver, 1'000); }

// As many as the outbox takes.
Workload accepted_draining() {
  Workload workload = of_engine("W7", "64_in_flight", Work::accept_draining, 10'000);
  workload.stored_operations = 40'000;
  workload.in_flight = 64;
  return workload;
}

Workload expired() {
  Workload workload = of_engine("W8", "by_endpoint", Work::meet_expiry, 500);
  workload.stored_operations = workload.n;
  return workload;
}

Workload waiting(const char* variant, Surroundings surroundings, bool in_virtual_time,
                 std::size_t seconds) {
  Workload workload = of_engine("W9", variant, Work::wait, seconds);
  workload.in_process = in_virtual_time;
  workload.surroundings = surroundings;
  if (surroundings == Surroundings::unavailable) workload.stored_operations = 500;
  return workload;
}

Workload switched() {
  Workload workload = of_engine("W10", "c_interface", Work::switch_user, 40);
  workload.stored_operations = 50'000;
  workload.stored_documents = 20'000;
  return workload;
}

std::vector<Workload> all_workloads() {
  return {serial("c_interface", true, false, 0.60, 0.75),
          serial("c_interface", false, false, 0.25, 0.45),
          serial("in_process", true, true, 0.85, 0.95),
          serial("in_process", false, true, 0.65, 0.80),
          grouped(true, 0.75, 0.90),
          grouped(false, 0.65, 0.85),
          drained("W2-batch", "100_a_request", 100, 0.45, 0.70),
          drained("W2-single", "1_a_request", 1, 1.0, 1.1),
          opened("1x", 1),
          opened("10x", 10),
          read_through(),
          pulled(),
          delivered(),
          accepted_draining(),
          expired(),
          waiting("idle_connected", Surroundings::connected, true, 3'600),
          waiting("idle_offline", Surroundings::offline, true, 3'600),
          waiting("503", Surroundings::unavailable, true, 60),
          waiting("process_connected", Surroundings::connected, false, 20),
          waiting("process_offline", Surroundings::offline, false, 20),
          switched()};
}

void multiply(Workload& workload, std::size_t n, const char* times) {
  workload.variant += times;
  workload.contestants = kEngineAlone;
  workload.must.reset();
  workload.aim.reset();
  workload.n = n;
  if (workload.stored_operations > 0) workload.stored_operations = n;
}

// Many documents make the log so long that it is moved meanwhile, and few do not: the move is a
// part of both.
Workload pulled_and_moved() {
  Workload workload = pulled();
  workload.moves_log = true;
  return workload;
}

// The outbox takes 50,000 operations, so that a tenth of them stands for the usual work.
std::vector<Workload> ten_times_workloads() {
  struct Size {
    Workload workload;
    std::size_t once;
  };
  constexpr int kTimes = 10;
  std::vector<Workload> pairs;
  for (const Size& size :
       {Size{serial("c_interface", true, false, 0, 0), 5'000}, Size{grouped(true, 0, 0), 5'000},
        Size{drained("W2-batch", "100_a_request", 100, 0, 0), 5'000},
        Size{pulled_and_moved(), 20'000}}) {
    pairs.push_back(size.workload);
    multiply(pairs.back(), size.once, "_1x");
    pairs.back().in_a_row = kTimes;
    pairs.push_back(size.workload);
    multiply(pairs.back(), size.once * kTimes, "_10x");
  }
  return pairs;
}

// Small, and still more than one group, request or page.
void shrink_for_a_look(Workload& workload) {
  constexpr std::size_t kStoredDivisor = 100;
  const bool is_settled_by_store = workload.n == workload.stored_operations;
  switch (workload.work) {
    case Work::open:
      workload.n /= kStoredDivisor;
      workload.stored_documents /= kStoredDivisor;
      break;
    case Work::read_through:
      workload.n = 2'000;
      workload.keys = 500;
      break;
    case Work::pull:
      workload.n = 1'200;
      break;
    case Work::deliver:
    case Work::meet_expiry:
      workload.n = 40;
      break;
    case Work::wait:
      if (!workload.in_process) workload.n = 2;
      return;
    case Work::switch_user:
      workload.n = 4;
      workload.stored_operations /= kStoredDivisor;
      workload.stored_documents /= kStoredDivisor;
      return;
    case Work::accept:
    case Work::drain:
    case Work::accept_draining:
      workload.n = 256;
  }
  if (is_settled_by_store) workload.stored_operations = workload.n;
  if (workload.work == Work::accept_draining) workload.stored_operations = 4 * workload.n;
}

// A slow disk's syncs are the same one after the other: fewer of them say as much.
void shrink_for_slow_disk(Workload& workload) {
  const bool is_serial = workload.work == Work::accept || workload.work == Work::drain;
  if (!is_serial || workload.in_flight > 1) return;
  workload.n = std::min<std::size_t>(workload.n, 1'000);
  if (workload.stored_operations > 0) workload.stored_operations = workload.n;
}

double compare(Compared by, const Figures& engine, const Figures& reference) {
  return by == Compared::rate ? engine.ops_s / reference.ops_s : engine.p50_us / reference.p50_us;
}

using Samples = std::map<Contestant, std::vector<Figures>>;

std::optional<Figures> median_if_any(const Samples& samples, Contestant contestant) {
  const auto found = samples.find(contestant);
  return found == samples.end() ? std::nullopt : std::optional{median_of(found->second)};
}

std::optional<Ratio> ratio_if_any(const Samples& samples, Contestant reference, Compared by) {
  const auto found = samples.find(reference);
  if (found == samples.end()) return std::nullopt;
  const auto& engine = samples.at(Contestant::engine);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < engine.size(); ++i)
    ratios.push_back(compare(by, engine[i], found->second[i]));
  const auto [least, greatest] = std::minmax_element(ratios.begin(), ratios.end());
  return Ratio{median_of(ratios), *least, *greatest};
}

Measured measured_of(const Workload& workload, const Samples& samples) {
  Measured measured;
  measured.workload = workload;
  measured.engine = median_of(samples.at(Contestant::engine));
  measured.raw = median_if_any(samples, Contestant::raw);
  measured.bare = median_if_any(samples, Contestant::bare);
  measured.of_raw = ratio_if_any(samples, Contestant::raw, workload.compared);
  measured.of_bare = ratio_if_any(samples, Contestant::bare, workload.compared);
  return measured;
}

bool is_selected(const Workload& workload, const Selection& selection) {
  const auto& only = selection.only;
  return only.empty() || std::find(only.begin(), only.end(), workload.id) != only.end();
}

}  // namespace

const std::vector<std::string>& workload_ids() {
  static const std::vector<std::string> ids = [] {
    std::vector<std::string> found;
    for (const auto& workload : all_workloads()) {
      if (found.empty() || found.back() != workload.id) found.push_back(workload.id);
    }
    return found;
  }();
  return ids;
}

std::vector<std::vector<Workload>> select_workloads(const Selection& selection) {
  auto workloads = selection.ten_times ? ten_times_workloads() : all_workloads();
  std::vector<std::vector<Workload>> selected;
  for (auto& workload : workloads) {
    if (!is_selected(workload, selection)) continue;
    if (selection.sync_extra_us > 0 && !selection.ten_times) shrink_for_slow_disk(workload);
    if (selection.quick) shrink_for_a_look(workload);
    const bool joins =
        selection.ten_times && !selected.empty() && selected.back().front().id == workload.id;
    if (!joins) selected.emplace_back();
    selected.back().push_back(std::move(workload));
  }
  return selected;
}

std::vector<Measured> measure(const std::vector<Workload>& together, int repeats,
                              const TakeSample& take) {
  std::vector<std::pair<std::size_t, Contestant>> order;
  for (std::size_t i = 0; i < together.size(); ++i) {
    for (const Contestant contestant : together[i].contestants) order.emplace_back(i, contestant);
  }
  std::vector<Samples> samples(together.size());
  for (int repeat = 0; repeat < repeats; ++repeat) {
    for (const auto& [i, contestant] : order) {
      for (int number = 0; number < together[i].in_a_row; ++number)
        samples[i][contestant].push_back(take(together[i], contestant));
    }
    std::reverse(order.begin(), order.end());
  }
  std::vector<Measured> all;
  for (std::size_t i = 0; i < together.size(); ++i)
    all.push_back(measured_of(together[i], samples[i]));
  return all;
}

std::string name_of(const Workload& workload) {
  const std::string name = workload.id + " " + workload.variant;
  return workload.work == Work::accept ? name + (workload.is_full ? " FULL" : " NORMAL") : name;
}

}  // namespace landfall::bench
