#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>

#include "engine/base/result.hpp"
#include "engine/profile/profile.hpp"
#include "simulator/demo/report.hpp"

namespace landfall::demo {

struct DemoOptions {
  nlohmann::json profile_config;  // as a config names it: a shipped one or a whole profile
  std::shared_ptr<const Profile> profile;
  std::uint64_t seed = 1;
  int speed = 20;
  std::FILE* progress = stdout;
  bool is_live = false;  // `progress` is a terminal
  int stop = -1;         // a descriptor that is readable when the run is to end; -1: none
};

// Whether the story can be told with this profile. Errors: demo.profile, with what is missing.
[[nodiscard]] Status check_profile(const Profile& profile);

// The main job end to end, over loopback sockets and database files, through a bad network. It
// returns when the story is over or its deadline is, whatever hangs; an engine that does not even
// close then ends the process with exit code 1. Errors: what keeps it from beginning, of class
// refused.
[[nodiscard]] Result<Report> run_demo(const DemoOptions& options);

}  // namespace landfall::demo
