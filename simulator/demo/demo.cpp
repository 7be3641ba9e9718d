#include "simulator/demo/demo.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "engine/base/json.hpp"
#include "simulator/demo/checks.hpp"
#include "simulator/demo/collect.hpp"
#include "simulator/demo/deadline.hpp"
#include "simulator/demo/demo_phone.hpp"
#include "simulator/demo/display.hpp"
#include "simulator/demo/narrator.hpp"
#include "simulator/demo/story.hpp"
#include "simulator/demo/surroundings.hpp"
#include "simulator/demo/watchdog.hpp"

namespace landfall::demo {
namespace {

// The story takes two minutes of engine time when nothing goes wrong beyond the script, and a few
// ladders more when much does. The machine may be slow besides.
constexpr std::chrono::milliseconds kEngineTimeMax = std::chrono::minutes{30};
constexpr std::chrono::milliseconds kRealTimeMax = std::chrono::minutes{1};

Json config_of(const DemoOptions& options, Surroundings& around) {
  return {{"directory", around.folder() + "/phone"},
          {"profile", options.profile_config},
          {"origin", around.proxy().origin()},
          {"app_version", "1.0.0"},
          {"platform", "ANDROID"},
          {"os_version", "14"},
          {"device_name", "demo"},
          {"locale", "en-IN"},
          {"zone", "UTC"}};
}

// What is still known of an engine that hangs.
void give_up(Display& display, const DemoPhone& phone, const std::string& folder) {
  display.end();
  for (const auto& [id, state] : phone.state().operations) {
    std::fprintf(stderr, "landfall-sim: when the engine fell silent, %s was %s\n", id.c_str(),
                 state.c_str());
  }
  std::fprintf(stderr, "landfall-sim: the engine hangs\n");
  std::fflush(nullptr);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  std::_Exit(1);
}

std::string mishap_of(const Error& error, const Deadline& deadline) {
  if (error.code != "demo.deadline" || deadline.reason().empty()) return error.message;
  return deadline.reason();
}

Result<Record> live(const DemoOptions& options, Deadline& deadline, Surroundings& around,
                    Display& display, Narrator& narrator) {
  LANDFALL_TRY_ASSIGN(
      const auto phone,
      DemoPhone::open(config_of(options, around), around.clock().pace(), deadline,
                      {[&narrator](const std::string& event, const Json& data) {
                         narrator.on_event(event, data);
                       },
                       [&narrator](const http::Request& request, const http::Answer& answer) {
                         narrator.on_call(request, answer);
                       }}));
  const Watchdog watchdog(deadline, options.stop,
                          [&] { give_up(display, *phone, around.folder()); });
  Story story({around, *phone, display, narrator}, options.seed);
  const Status told = story.play();
  Record record = collect(around, *phone, story);
  if (!told) record.mishaps.insert(record.mishaps.begin(), mishap_of(told.error(), deadline));
  return record;
}

}  // namespace

Status check_profile(const Profile& profile) {
  constexpr std::array<std::pair<const char*, const char*>, 7> kNeeded{{{"approval", "approve"},
                                                                        {"approval", "reject"},
                                                                        {"pr", "create"},
                                                                        {"pr", "update"},
                                                                        {"grn", "create"},
                                                                        {"po", ""},
                                                                        {"kpi", ""}}};
  for (const auto& [type, action] : kNeeded) {
    const auto* entity = profile.entity(type);
    if (entity != nullptr && (*action == '\0' || entity->action(action) != nullptr)) continue;
    return failure(ErrorClass::invalid, "demo.profile",
                   "the demo's story needs " + std::string(type) + " " + action +
                       ", which the profile does not have");
  }
  return {};
}

Result<Report> run_demo(const DemoOptions& options) {
  LANDFALL_TRY(check_profile(*options.profile));
  const glue::DeviceClock clock({options.speed, glue::DeviceClock::wall_clock()});
  Display display(options.progress, options.is_live, clock);
  Narrator narrator(display);
  LANDFALL_TRY_ASSIGN(
      const auto around,
      Surroundings::open(options.profile, options.seed, clock,
                         {[&](const net::StruckFault& fault) { narrator.on_fault(fault); },
                          [&](std::size_t effects) { narrator.on_effects(effects); }}));
  display.say(Who::story, "Landfall's demo: profile " + options.profile->name + ", seed " +
                              std::to_string(options.seed) + ", speed " +
                              std::to_string(options.speed));
  display.say(Who::story, "A phone with its files in " + around->folder() + "/phone,");
  display.say(Who::story, "a bad network on " + around->proxy().origin() + ", and behind it");
  display.say(Who::story, "the reference backend on " + around->server().origin());
  Deadline deadline(kRealTimeMax + kEngineTimeMax / options.speed);
  auto record = live(options, deadline, *around, display, narrator);
  if (!record) return failure(record.error());
  Report report{options.profile->name, options.seed, display.elapsed(), std::move(*record), {}};
  report.violations = find_violations(report.record);
  return report;
}

}  // namespace landfall::demo
