#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/profile/offline_banner.hpp"

namespace landfall::profile {

struct ConnectivityRules {
  std::string probe;                   // name of the endpoint that a probe calls
  std::vector<Duration> probe_delays;  // between probes while not online; the last one repeats
  std::size_t server_down_after = 3;   // server errors in a row
  std::optional<OfflineBanner> offline_banner = std::nullopt;
};

}  // namespace landfall::profile
