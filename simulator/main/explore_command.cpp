#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string>

#include "engine/base/mutant.hpp"
#include "simulator/explore/explore.hpp"
#include "simulator/main/commands.hpp"
#include "simulator/main/profile_argument.hpp"
#include "simulator/main/seed_option.hpp"

namespace landfall::simulator {
namespace {

struct Settings {
  std::string seeds = "1..20";
  std::uint64_t seed = 1;
  double hours = 6.0;
  std::string profile = "prokure";
  int mutant = 0;
  std::string until;
  bool json = false;
  std::string trace;
};

// "7" or "1..300". A sign would be read as well, -1 as the largest seed there is.
std::string check_seeds(const std::string& text) {
  if (text.find_first_not_of("0123456789.") != std::string::npos)
    return "expected a seed or a range such as 1..300, got " + text;
  std::uint64_t first = 0, last = 0;
  char rest = 0;
  const int read = std::sscanf(text.c_str(), "%" SCNu64 "..%" SCNu64 "%c", &first, &last, &rest);
  if (read == 2 && first >= 1 && first <= last) return {};
  if (std::sscanf(text.c_str(), "%" SCNu64 "%c", &first, &rest) == 1 && first >= 1) return {};
  return "expected a seed or a range such as 1..300, got " + text;
}

void read_seeds(const std::string& text, explore::ExploreOptions& options) {
  std::uint64_t first = 0, last = 0;
  if (std::sscanf(text.c_str(), "%" SCNu64 "..%" SCNu64, &first, &last) < 2) last = first;
  options.seed_first = first;
  options.seed_last = last;
}

void print_for_people(const explore::Report& report) {
  std::printf("%" PRIu64 " seeds, %.0f simulated hours (%.0f a second), %" PRIu64
              " operations accepted, %" PRIu64 " crashes, %" PRIu64 " of them power cuts\n",
              report.seeds, report.simulated_hours,
              report.wall_seconds > 0 ? report.simulated_hours / report.wall_seconds : 0.0,
              report.operations_accepted, report.crashes, report.power_cuts);
  for (const auto& [state, count] : report.states)
    std::printf("  %-12s %" PRIu64 "\n", state.c_str(), count);
  std::printf("\n  %-20s %s\n", "fault", "injected");
  for (const auto& [name, count] : report.faults.by_name())
    std::printf("  %-20s %" PRIu64 "\n", name.c_str(), count);
  std::printf("\ntrace hash %s\n", report.to_json()["trace_hash"].get<std::string>().c_str());
  if (report.violations.empty()) std::printf("no violation\n");
  for (const auto& found : report.violations) {
    std::printf("seed %" PRIu64 ", step %" PRIu64 ", %s: %s\n", found.seed, found.violation.step,
                found.violation.oracle.c_str(), found.violation.detail.c_str());
  }
  if (!report.violations.empty()) {
    std::printf("\nlandfall-sim replay %" PRIu64 " --trace   shows the first step by step\n",
                report.violations.front().seed);
  }
}

int run(const Settings& settings, explore::ExploreOptions options) {
  const auto profile = read_profile(settings.profile);
  if (!profile) {
    std::fprintf(stderr, "landfall-sim: %s\n", profile.error().message.c_str());
    return 2;
  }
  options.hours = settings.hours;
  options.profile = profile->config;
  mutant::choose(settings.mutant);
  const explore::Report report = explore::explore(options);
  if (settings.json) {
    std::printf("%s\n", report.to_json().dump().c_str());
  } else {
    print_for_people(report);
  }
  return report.violations.empty() ? 0 : 1;
}

int run_explore(const Settings& settings) {
  if (settings.mutant != 0 && !mutant::kCompiledIn) {
    std::fprintf(stderr, "landfall-sim: --mutant needs a build with the preset `mutants`\n");
    return 2;
  }
  explore::ExploreOptions options;
  read_seeds(settings.seeds, options);
  options.until_oracle = settings.until;
  const std::uint64_t total = options.seed_last - options.seed_first + 1;
  options.progress = [total](std::uint64_t done, std::uint64_t violations) {
    std::fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " seeds, %" PRIu64 " violations", done, total,
                 violations);
    if (done == total) std::fputc('\n', stderr);
  };
  return run(settings, std::move(options));
}

int run_replay(const Settings& settings) {
  explore::ExploreOptions options;
  options.seed_first = options.seed_last = settings.seed;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(nullptr, std::fclose);
  if (settings.trace == "-") {
    options.trace_text = stdout;
  } else if (!settings.trace.empty()) {
    file.reset(std::fopen(settings.trace.c_str(), "w"));
    if (!file) {
      std::fprintf(stderr, "landfall-sim: cannot write %s\n", settings.trace.c_str());
      return 3;
    }
    options.trace_text = file.get();
  }
  return run(settings, std::move(options));
}

void add_common(CLI::App* command, const std::shared_ptr<Settings>& settings) {
  command->add_option("--hours", settings->hours, "simulated hours of chaos for each seed")
      ->check(CLI::Range(0.01, 10'000.0))
      ->capture_default_str();
  command->add_option("--profile", settings->profile, "a shipped profile or a file")
      ->capture_default_str();
  command->add_flag("--json", settings->json, "one JSON object on standard output");
}

}  // namespace

void add_explore(CLI::App& app, int& exit_code) {
  auto settings = std::make_shared<Settings>();
  auto* command =
      app.add_subcommand("explore", "live through random worlds and check every promise");
  command->add_option("--seeds", settings->seeds, "a seed or a range A..B")
      ->check(CLI::Validator(check_seeds, "SEEDS"))
      ->capture_default_str();
  command
      ->add_option("--mutant", settings->mutant,
                   "plant this defect (a build with the preset `mutants`)")
      ->check(CLI::Range(1, mutant::kMutantMax));
  command->add_option("--until", settings->until,
                      "end at the first seed in which this oracle fires, such as INV-Q1");
  add_common(command, settings);
  command->callback([settings, &exit_code] { exit_code = run_explore(*settings); });
}

void add_replay(CLI::App& app, int& exit_code) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand("replay", "live through one seed's world again, step by step");
  command->add_option("seed", settings->seed, "the seed")
      ->required()
      ->check(seed_check())
      ->check(CLI::Range(std::uint64_t{1}, UINT64_MAX));
  command
      ->add_option("--trace", settings->trace,
                   "write what happened, to this file or to standard output")
      ->expected(0, 1)
      ->default_str("-");
  command
      ->add_option("--mutant", settings->mutant,
                   "plant this defect (a build with the preset `mutants`)")
      ->check(CLI::Range(1, mutant::kMutantMax));
  add_common(command, settings);
  command->callback([settings, command, &exit_code] {
    if (command->count("--trace") > 0 && settings->trace.empty()) settings->trace = "-";
    exit_code = run_replay(*settings);
  });
}

}  // namespace landfall::simulator
