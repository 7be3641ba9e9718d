#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/child_process.hpp"
#include "tests/bench/prepared_phone.hpp"
#include "tests/bench/report.hpp"
#include "tests/bench/stage.hpp"
#include "tests/bench/workload.hpp"

namespace landfall::bench {
namespace {

constexpr int kMissed = 1;
constexpr int kUsage = 2;
constexpr int kEnvironment = 3;
constexpr int kRepeats = 5;
constexpr int kRepeatsQuick = 2;

struct Settings {
  Selection selection;
  double phone_disk_ms = 0;
  int repeats = 0;  // zero: the default
  bool json = false;
  bool check = false;
  std::string job;
};

int do_one_job(const std::string& text) {
  const Figures figures = do_job(job_from(nlohmann::json::parse(text)));
  std::printf("%s\n", to_json(figures).dump().c_str());
  return 0;
}

Report run_all(const Settings& settings) {
  const int by_default = settings.selection.quick ? kRepeatsQuick : kRepeats;
  const int repeats = settings.repeats > 0 ? settings.repeats : by_default;
  Stage stage(settings.selection.sync_extra_us);
  Report report{{}, library_sizes()};
  const TakeSample take = [&](const Workload& workload, Contestant contestant) {
    std::fprintf(stderr, "%s: %s\n", name_of(workload).c_str(), to_string(contestant));
    return stage.take_sample(workload, contestant);
  };
  for (const auto& together : select_workloads(settings.selection)) {
    for (Measured& measured : measure(together, repeats, take))
      report.workloads.push_back(std::move(measured));
  }
  return report;
}

int run(Settings settings) {
  if (!settings.job.empty()) return do_one_job(settings.job);
  settings.selection.sync_extra_us = static_cast<std::int64_t>(settings.phone_disk_ms * 1'000);
  catch_stop_signals();
  const Report report = run_all(settings);
  if (settings.json) {
    std::printf("%s\n", report_json(report).dump().c_str());
  } else {
    std::printf("%s", report_text(report).c_str());
  }
  const auto verdicts = verdicts_of(report);
  const bool all_met = std::all_of(verdicts.begin(), verdicts.end(),
                                   [](const Verdict& verdict) { return verdict.is_met(); });
  return settings.check && !all_met ? kMissed : 0;
}

void add_options(CLI::App& app, Settings& settings) {
  app.add_option("--only", settings.selection.only, "these workloads: W1a,W1b,W2-batch,…")
      ->delimiter(',')
      ->check(CLI::IsMember(workload_ids()));
  app.add_flag("--json", settings.json, "one JSON object on standard output");
  app.add_option("--phone-disk", settings.phone_disk_ms, "milliseconds that each sync takes longer")
      ->check(CLI::Range(0.0, 1'000.0));
  app.add_option("--repeats", settings.repeats, "how often everything is measured (5)")
      ->check(CLI::Range(1, 1'000));
  app.add_flag("--quick", settings.selection.quick, "small and twice: for the shape of the output");
  app.add_flag("--ten-times", settings.selection.ten_times,
               "instead: the engine alone on the work of W1, W2 and W5, once and ten times");
  app.add_flag("--check", settings.check, "a goal that is missed is a failure (exit 1)");
  app.add_option(kJobFlag, settings.job)->group("");
}

}  // namespace
}  // namespace landfall::bench

// Exit codes: 0 measured, 1 a goal was missed and --check was given, 2 usage, 3 environment.
int main(int argc, char** argv) {
  CLI::App app{
      "Landfall's benchmark: the engine against plain C over SQLite, in turn, in one run. A missed "
      "goal is shown; it is a failure with --check only."};
  landfall::bench::Settings settings;
  landfall::bench::add_options(app, settings);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : landfall::bench::kUsage;
  }
  try {
    return landfall::bench::run(settings);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "landfall-bench: %s\n", error.what());
    return landfall::bench::kEnvironment;
  }
}
