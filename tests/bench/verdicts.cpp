// The goals: what each workload must reach and what it aims for.

#include <algorithm>

#include "tests/bench/workload.hpp"

namespace landfall::bench {
namespace {

const Measured* find(const std::vector<Measured>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Measured& measured) {
    return name_of(measured.workload) == name;
  });
  return found == all.end() ? nullptr : &*found;
}

Verdict ratio_of(const Measured& measured) {
  const Workload& workload = measured.workload;
  const bool is_rate = workload.compared == Compared::rate;
  return {name_of(workload), is_rate ? "rate, of raw" : "time, of raw",
          measured.ratio,    workload.must,
          workload.aim,      is_rate};
}

void add_accepting(const Measured& measured, std::vector<Verdict>& verdicts) {
  const Workload& workload = measured.workload;
  if (!workload.is_full) return;
  const std::string name = name_of(workload);
  if (workload.in_process) {
    verdicts.push_back({name, "p99, of raw", measured.engine.p99_us / measured.raw.p99_us, 1.5,
                        std::nullopt, false});
  }
  if (workload.in_flight > 1) {
    verdicts.push_back({name, "fsyncs per operation",
                        measured.engine.fsyncs / static_cast<double>(workload.n), 0.03,
                        std::nullopt, false});
    verdicts.push_back({name, "rate, of bare", measured.ratio_bare, 0.30, 0.55, true});
  }
}

void add_opening(const Measured& measured, const std::vector<Measured>& all,
                 std::vector<Verdict>& verdicts) {
  const std::string name = name_of(measured.workload);
  verdicts.push_back({name, "resident MB", measured.engine.rss_mb, 15, 10, false});
  const Measured* once = find(all, "W3 1x");
  if (once == nullptr || once == &measured) return;
  verdicts.push_back({name, "time, of 1x", measured.engine.p50_us / once->engine.p50_us, 1.2,
                      std::nullopt, false});
}

}  // namespace

std::vector<Verdict> verdicts_of(const std::vector<Measured>& all) {
  std::vector<Verdict> verdicts;
  for (const auto& measured : all) verdicts.push_back(ratio_of(measured));
  for (const auto& measured : all) {
    if (measured.workload.work == Work::accept) add_accepting(measured, verdicts);
    if (measured.workload.work == Work::open) add_opening(measured, all, verdicts);
  }
  return verdicts;
}

}  // namespace landfall::bench
