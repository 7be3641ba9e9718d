#pragma once

#include <cstdint>
#include <optional>

#include "mobile_glue/device_clock.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace landfall::simulator {

// --speed and --epoch of `backend` and `phone`.
struct PaceOptions {
  int speed = 1;
  std::optional<std::int64_t> epoch_unix_ms;

  // Without an epoch time starts to run faster now.
  [[nodiscard]] glue::Pace pace() const;
};

// --speed alone. `speed` outlives the parsing.
CLI::Option* add_speed_option(CLI::App& command, int& speed);

// `options` outlives the parsing.
void add_pace_options(CLI::App& command, PaceOptions& options);

}  // namespace landfall::simulator
