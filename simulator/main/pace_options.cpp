#include "simulator/main/pace_options.hpp"

#include <CLI/CLI.hpp>

namespace landfall::simulator {
namespace {

constexpr int kSpeedMax = 1'000;
// 2100-01-01: beyond it a fast clock would leave the years that fit the wire.
constexpr std::int64_t kEpochUnixMsMax = 4'102'444'800'000;

}  // namespace

glue::Pace PaceOptions::pace() const {
  if (epoch_unix_ms) return {speed, Instant{*epoch_unix_ms}};
  return {speed, glue::DeviceClock::wall_clock()};
}

CLI::Option* add_speed_option(CLI::App& command, int& speed) {
  return command.add_option("--speed", speed, "how much faster time runs")
      ->check(CLI::Range(1, kSpeedMax))
      ->capture_default_str();
}

void add_pace_options(CLI::App& command, PaceOptions& options) {
  auto* speed = add_speed_option(command, options.speed);
  command
      .add_option("--epoch", options.epoch_unix_ms,
                  "when it began to run faster, in milliseconds since 1970")
      ->check(CLI::Range(std::int64_t{0}, kEpochUnixMsMax))
      ->needs(speed);
}

}  // namespace landfall::simulator
