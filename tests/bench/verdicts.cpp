// The goals: what each workload must reach and what it aims for.

#include <algorithm>

#include "tests/bench/operations.hpp"
#include "tests/bench/workload.hpp"

namespace landfall::bench {
namespace {

constexpr double kBytesPerKb = 1'000;

const Measured* find(const std::vector<Measured>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Measured& measured) {
    return name_of(measured.workload) == name;
  });
  return found == all.end() ? nullptr : &*found;
}

// The goals of one workload, as they are found.
class Goals final {
 public:
  Goals(const Measured& measured, std::vector<Verdict>& verdicts)
      : name_(name_of(measured.workload)), verdicts_(verdicts) {}

  void at_least(const char* what, double value, double must, std::optional<double> aim = {}) {
    verdicts_.push_back({name_, what, value, must, aim, true});
  }
  void at_most(const char* what, double value, double must, std::optional<double> aim = {}) {
    verdicts_.push_back({name_, what, value, must, aim, false});
  }

 private:
  std::string name_;
  std::vector<Verdict>& verdicts_;
};

void add_ratio(const Measured& measured, Goals goals) {
  const Workload& workload = measured.workload;
  if (!measured.of_raw || !workload.must) return;
  if (workload.compared == Compared::rate) {
    goals.at_least("rate, of raw", measured.of_raw->median, *workload.must, workload.aim);
  } else {
    goals.at_most("time, of raw", measured.of_raw->median, *workload.must, workload.aim);
  }
}

void add_accepting(const Measured& measured, Goals goals) {
  const Workload& workload = measured.workload;
  if (!workload.is_full) return;
  if (workload.in_process && measured.raw)
    goals.at_most("p99, of raw", measured.engine.p99_us / measured.raw->p99_us, 1.5);
  if (workload.in_flight == 1) return;
  goals.at_most("fsyncs per operation", measured.engine.fsyncs / static_cast<double>(workload.n),
                0.03);
  if (measured.of_bare) goals.at_least("rate, of bare", measured.of_bare->median, 0.30, 0.55);
}

void add_draining(const Measured& measured, Goals goals) {
  goals.at_most("wire bytes, of operation",
                measured.engine.counts.at("wire_bytes_per_op") / kOperationBytes,
                measured.workload.in_flight > 1 ? 1.05 : 1.3);
}

void add_opening(const Measured& measured, const std::vector<Measured>& all, Goals goals) {
  goals.at_most("resident MB", measured.engine.rss_mb, 15, 10);
  const Measured* once = find(all, "W3 1x");
  if (once == nullptr || once == &measured) return;
  goals.at_most("time, of 1x", measured.engine.p50_us / once->engine.p50_us, 1.2);
}

void add_reading(const Measured& measured, Goals goals) {
  const double below = measured.raw->counts.at("hit_rate") - measured.engine.counts.at("hit_rate");
  goals.at_most("points below exact LRU", below * 100, 0.5);
  goals.at_most("bytes over the cap", measured.engine.counts.at("bytes_over_cap"), 0);
}

void add_waiting(const Measured& measured, Goals goals) {
  if (measured.workload.surroundings == Surroundings::unavailable) return;
  goals.at_most("wake-ups a second", measured.engine.counts.at("wake_ups_s"), 1, 0);
  goals.at_most("fsyncs", measured.engine.fsyncs, 0);
  goals.at_most("bytes written", measured.engine.write_bytes, 0);
}

void add_beside_ratio(const Measured& measured, const std::vector<Measured>& all, Goals goals) {
  switch (measured.workload.work) {
    case Work::accept:
      return add_accepting(measured, goals);
    case Work::drain:
      return add_draining(measured, goals);
    case Work::open:
      return add_opening(measured, all, goals);
    case Work::read_through:
      return add_reading(measured, goals);
    case Work::pull:
      return goals.at_most(
          "KB written a document",
          measured.engine.write_bytes / kBytesPerKb / static_cast<double>(measured.workload.n), 2.1,
          1.6);
    case Work::meet_expiry:
      return goals.at_most("refreshes", measured.engine.counts.at("refreshes"), 1);
    case Work::wait:
      return add_waiting(measured, goals);
    case Work::switch_user:
      return goals.at_most("ms", measured.engine.counts.at("to_filled_ms"), 100);
    case Work::deliver:
    case Work::accept_draining:
      return;
  }
}

// Ten times the work against the same work once.
void add_ten_times(const Measured& measured, const std::vector<Measured>& all, Goals goals) {
  const std::string name = name_of(measured.workload);
  const std::size_t at = name.find("_10x");
  if (at == std::string::npos) return;
  const Measured* once = find(all, std::string(name).replace(at, 4, "_1x"));
  if (once == nullptr) return;
  goals.at_least("rate, of 1x", measured.engine.ops_s / once->engine.ops_s, 0.9);
  goals.at_most("memory grown, of 1x",
                measured.engine.counts.at("rss_grown_mb") / once->engine.counts.at("rss_grown_mb"),
                1.2);
}

}  // namespace

std::vector<Verdict> verdicts_of(const std::vector<Measured>& all) {
  std::vector<Verdict> verdicts;
  for (const auto& measured : all) add_ratio(measured, {measured, verdicts});
  for (const auto& measured : all) {
    add_beside_ratio(measured, all, {measured, verdicts});
    add_ten_times(measured, all, {measured, verdicts});
  }
  return verdicts;
}

}  // namespace landfall::bench
