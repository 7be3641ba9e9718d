#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace landfall::bench {

// ProKure's profile with what a workload needs otherwise: as large an outbox and a cache as the
// engine allows, and sends that are not spread.
struct ProfileChanges {
  std::optional<std::size_t> batch_operations_max;
  std::optional<std::size_t> tier2_bytes_max;
  bool http2 = false;        // where the server speaks it
  bool by_endpoint = false;  // every operation is a call of its own, of which some go at a time
};

[[nodiscard]] nlohmann::json make_profile(const ProfileChanges& changes);

}  // namespace landfall::bench
