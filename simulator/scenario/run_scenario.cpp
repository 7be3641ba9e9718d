#include "simulator/scenario/run_scenario.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "simulator/real/real_world.hpp"
#include "simulator/scenario/stage.hpp"

namespace landfall::scenario {
namespace {

// How long a world may take to come to rest, and how often it is asked.
struct RestLimits {
  Duration max;
  Duration check;
};

constexpr RestLimits kVirtualRest{std::chrono::hours{3}, std::chrono::seconds{20}};
constexpr RestLimits kRealRest{std::chrono::minutes{1}, Duration{100}};  // of the wall clock

constexpr std::int64_t kSpeedMax = 100;
// Where the distances of sends are compared, what a thread loses to others must stay small beside
// the shortest distance.
constexpr std::int64_t kSpeedMaxOfSends = 25;

std::optional<Mismatch> find_violation(const world::World& world) {
  if (world.violations().empty()) return std::nullopt;
  const auto& violation = world.violations().front();
  return Mismatch{violation.oracle + " holds", violation.detail};
}

// What was asked for and never happened: the scenario does not show what it says.
std::optional<Mismatch> find_left_over(Stage& stage) {
  if (stage.crasher() != nullptr && stage.crasher()->is_armed())
    return Mismatch{"the crash happens", "it never did"};
  for (const auto& phone : stage.world().phones()) {
    const int left = phone->scripted();
    if (left == 0) continue;
    return Mismatch{"every scripted fault of " + phone->name() + " strikes",
                    std::to_string(left) + " never did"};
  }
  return std::nullopt;
}

bool is_at_rest(world::World& world) {
  const bool all_up = std::all_of(
      world.phones().begin(), world.phones().end(),
      [](const auto& phone) { return phone->is_ready() && !phone->has_open_intents(); });
  return all_up && oracles::outboxes_are_at_rest(world);
}

void come_to_rest(world::World& world, RestLimits limits) {
  for (const auto& phone : world.phones()) phone->set_wants_session(true);
  world.heal();
  for (const auto& phone : world.phones()) {
    const auto& status = phone->session_status();
    if (status == "unauthenticated" || status == "reauthRequired") phone->login();
  }
  for (Duration rested{0}; rested < limits.max && !is_at_rest(world); rested += limits.check)
    world.run_for(limits.check);
  world.run_for(limits.check);
  world.end();
}

void fail(ScenarioResult& result, std::size_t step, const Scenario& scenario,
          const Mismatch& mismatch) {
  result.passed = false;
  result.step = step;
  if (step < scenario.steps.size()) result.step_text = scenario.steps[step].text;
  result.expected = mismatch.expected;
  result.actual = mismatch.actual;
}

ScenarioResult play_all(const Scenario& scenario, Stage& stage, RestLimits limits) {
  ScenarioResult result;
  for (std::size_t i = 0; i < scenario.steps.size() && result.passed; ++i) {
    auto mismatch = play(stage, scenario.steps[i].action);
    if (!mismatch) mismatch = find_violation(stage.world());
    if (mismatch) fail(result, i, scenario, *mismatch);
  }
  if (result.passed) {
    auto mismatch = find_left_over(stage);
    if (!mismatch) {
      come_to_rest(stage.world(), limits);
      mismatch = find_violation(stage.world());
    }
    if (mismatch) fail(result, scenario.steps.size(), scenario, *mismatch);
  }
  result.trace_hash = stage.world().trace().hash();
  return result;
}

}  // namespace

ScenarioResult run_scenario(const Scenario& scenario, std::FILE* trace_text) {
  Stage stage(scenario, trace_text);
  return play_all(scenario, stage, kVirtualRest);
}

Result<ScenarioResult> run_scenario_over_sockets(const Scenario& scenario, std::FILE* trace_text) {
  world::RealWorldOptions options;
  options.seed = scenario.seed;
  options.speed = speed_of(scenario);
  options.profile = scenario.profile;
  options.backend = scenario.backend;
  options.trace_text = trace_text;
  LANDFALL_TRY_ASSIGN(auto world, world::RealWorld::open(std::move(options)));
  for (const auto& phone : scenario.phones)
    LANDFALL_TRY(world->add_phone(phone.name, account_of(scenario, phone)));
  const RestLimits limits{world->engine_time(kRealRest.max), world->engine_time(kRealRest.check)};
  Stage stage(scenario, std::move(world), oracles::Watch::real_world);
  return play_all(scenario, stage, limits);
}

std::optional<std::string> reason_to_skip(const Scenario& scenario) {
  if (!scenario.is_virtual) return std::nullopt;
  const auto has = [&](auto is_one) {
    return std::any_of(scenario.steps.begin(), scenario.steps.end(), is_one);
  };
  if (has([](const Step& step) { return std::holds_alternative<Disk>(step.action); }))
    return "it fills a disk, which needs the virtual one";
  if (has([](const Step& step) { return std::holds_alternative<Damage>(step.action); }))
    return "it damages a file, which needs the virtual disk";
  if (has([](const Step& step) { return std::holds_alternative<Photo>(step.action); }))
    return "a camera leaves a file, which needs the virtual disk";
  const bool crashes = has([](const Step& step) {
    const auto* const crash = std::get_if<Crash>(&step.action);
    return crash != nullptr && !crash->closes_really;
  });
  return crashes
             ? "it crashes a phone, which needs the virtual disk"
             : "it needs the hour of the day or exact milliseconds, which only virtual time has";
}

int speed_of(const Scenario& scenario) {
  if (scenario.speed != 0) return scenario.speed;
  std::int64_t speed = kSpeedMax;
  for (const auto& step : scenario.steps) {
    if (const auto* run = std::get_if<Run>(&step.action))
      speed = std::min(speed, run->real_span.count() / kRunMinAtFoundSpeed.count());
    const auto* expect = std::get_if<Expect>(&step.action);
    if (expect != nullptr && !expect->sends.empty()) speed = std::min(speed, kSpeedMaxOfSends);
  }
  return static_cast<int>(std::max<std::int64_t>(1, speed));
}

}  // namespace landfall::scenario
