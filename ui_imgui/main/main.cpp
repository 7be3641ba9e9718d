#include <CLI/CLI.hpp>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "mobile_glue/c/landfall.h"
#include "schema/embedded.hpp"
#include "simulator/main/seed_option.hpp"
#include "simulator/scenario/read_scenario.hpp"
#include "ui_imgui/main/window.hpp"
#include "ui_imgui/model/simulation.hpp"
#include "ui_imgui/model/story.hpp"
#include "ui_imgui/model/universe.hpp"
#include "ui_imgui/panels/desk.hpp"

namespace landfall::ui {
namespace {

// Each frame of a screenshot stands for one of a monitor.
constexpr double kScreenshotFrameMs = 1'000.0 / 60;
constexpr double kIdleSeconds = 0.2;

struct Settings {
  std::string scenario;
  std::string screenshot;
  std::string profile = kDefaultProfile;
  int frames = 0;
  std::uint64_t seed = 1;
};

void draw_frame(Window& window, Desk& desk, Simulation& simulation, Picture* picture = nullptr) {
  window.begin_frame();
  const Commands commands = desk.draw(simulation.snapshot());
  window.end_frame(picture);
  for (const auto& command : commands) simulation.execute(command);
}

void run_for_people(Window& window, Simulation& simulation) {
  Desk desk;
  double before = window.seconds();
  while (!window.should_close()) {
    draw_frame(window, desk, simulation);
    const auto& snapshot = simulation.snapshot();
    const bool is_idle =
        snapshot.clock.is_paused && !(snapshot.scenario && snapshot.scenario->is_running);
    if (is_idle) window.wait_for_input(kIdleSeconds);
    const double now = window.seconds();
    simulation.tick((now - before) * 1'000);
    before = now;
  }
}

// Somebody works by a story where it is their app's, or the scenario plays; the last frame becomes
// the picture.
bool take_screenshot(Window& window, Simulation& simulation, const Settings& settings) {
  Desk desk;
  Story story;
  Picture picture;
  if (!settings.scenario.empty()) simulation.execute(PlayScenario{true});
  for (int frame = 0; frame < settings.frames; ++frame) {
    if (settings.scenario.empty() && settings.profile == kDefaultProfile) {
      for (const auto& command : story.due(simulation.snapshot())) simulation.execute(command);
    }
    simulation.tick(kScreenshotFrameMs);
    draw_frame(window, desk, simulation, &picture);
  }
  if (write_png(settings.screenshot, picture)) return true;
  std::fprintf(stderr, "landfall-ui: cannot write %s\n", settings.screenshot.c_str());
  return false;
}

// What the oracles found, for whoever looks at the terminal.
int judge(const Snapshot& snapshot) {
  for (const auto& violation : snapshot.violations)
    std::fprintf(stderr, "%s: %s\n", violation.oracle.c_str(), violation.detail.c_str());
  if (snapshot.scenario && !snapshot.scenario->expected.empty()) {
    std::fprintf(stderr, "expected %s\nwas      %s\n", snapshot.scenario->expected.c_str(),
                 snapshot.scenario->actual.c_str());
    return 1;
  }
  return snapshot.violations.empty() ? 0 : 1;
}

int run(const Settings& settings) {
  SimulationOptions options;
  options.seed = settings.seed;
  options.profile = settings.profile;
  if (!settings.scenario.empty()) {
    auto scenario = scenario::load_scenario(settings.scenario);
    if (!scenario) {
      std::fprintf(stderr, "landfall-ui: %s\n", scenario.error().message.c_str());
      return 2;
    }
    options.scenario = std::move(*scenario);
  }
  WindowOptions window_options;
  window_options.follows_monitor = settings.screenshot.empty();
  const auto window = Window::open(window_options);
  if (!window) {
    std::fprintf(stderr, "landfall-ui: %s\n", window.error().message.c_str());
    return 3;
  }
  Simulation simulation(std::move(options));
  if (settings.screenshot.empty()) {
    run_for_people(**window, simulation);
  } else if (!take_screenshot(**window, simulation, settings)) {
    return 3;
  }
  return judge(simulation.snapshot());
}

}  // namespace
}  // namespace landfall::ui

// Exit codes: 0 clean, 1 a violation or a step that did not come true, 2 usage, 3 environment.
int main(int argc, char** argv) {
  CLI::App app{
      "Landfall's desktop simulator: one phone, its outbox and everything that goes wrong"};
  app.set_version_flag("--version", std::string{landfall_version()});
  landfall::ui::Settings settings;
  settings.frames = landfall::ui::Story::kFrames;
  auto* scenario =
      app.add_option("--scenario", settings.scenario, "play this scenario (JSON) step by step");
  auto* screenshot = app.add_option("--screenshot", settings.screenshot,
                                    "let a story run, write its last frame to this PNG and end");
  app.add_option("--frames", settings.frames,
                 "frames before the screenshot, 60 virtual seconds each second")
      ->check(CLI::Range(1, 100'000))
      ->needs(screenshot)
      ->capture_default_str();
  const auto names = landfall::schema::profile_names();
  app.add_option("--profile", settings.profile,
                 "the app on the phone; all but the default begin at its first screen")
      ->check(CLI::IsMember(std::vector<std::string>(names.begin(), names.end())))
      ->excludes(scenario)
      ->capture_default_str();
  app.add_option("--seed", settings.seed, "of the world")
      ->check(landfall::simulator::seed_check())
      ->check(CLI::Range(std::uint64_t{1}, UINT64_MAX))
      ->excludes(scenario)
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  return landfall::ui::run(settings);
}
