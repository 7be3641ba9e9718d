#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include <unistd.h>

#include "engine/base/json.hpp"
#include "simulator/demo/demo.hpp"
#include "simulator/main/commands.hpp"
#include "simulator/main/pace_options.hpp"
#include "simulator/main/profile_argument.hpp"
#include "simulator/main/seed_option.hpp"
#include "simulator/main/stop_signal.hpp"

namespace landfall::simulator {
namespace {

constexpr int kFailure = 1;
constexpr int kUsage = 2;
constexpr int kEnvironment = 3;

struct Settings {
  std::string profile = "prokure";
  std::uint64_t seed = 1;
  int speed = 20;
  bool as_json = false;
};

int fail(int exit_code, const Error& error) {
  std::fprintf(stderr, "landfall-sim: %s\n", error.message.c_str());
  return exit_code;
}

int run(const Settings& settings) {
  const auto profile = read_profile(settings.profile);
  if (!profile) return fail(kUsage, profile.error());
  if (const auto fits = demo::check_profile(*profile->profile); !fits)
    return fail(kUsage, fits.error());
  const StopSignal stop;
  demo::DemoOptions options{profile->config, profile->profile, settings.seed, settings.speed};
  options.progress = settings.as_json ? stderr : stdout;
  options.is_live = ::isatty(::fileno(options.progress)) == 1;
  options.stop = stop.descriptor();
  const auto report = demo::run_demo(options);
  if (!report) return fail(kEnvironment, report.error());
  std::fputs(demo::report_text(*report).c_str(), options.progress);
  if (settings.as_json) std::printf("%s\n", dump_json(demo::report_json(*report)).c_str());
  return report->violations.empty() ? 0 : kFailure;
}

}  // namespace

void add_demo(CLI::App& app, int& exit_code) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand(
      "demo", "the main job end to end: real sockets, real files, and a network that goes wrong");
  command->add_option("--profile", settings->profile, "a shipped profile or a file")
      ->capture_default_str();
  command
      ->add_option("--seed", settings->seed, "of the data and of the faults on top of the script")
      ->check(seed_check())
      ->capture_default_str();
  add_speed_option(*command, settings->speed);
  command->add_flag("--json", settings->as_json,
                    "one JSON object on standard output, progress on standard error");
  command->callback([settings, &exit_code] { exit_code = run(*settings); });
}

}  // namespace landfall::simulator
