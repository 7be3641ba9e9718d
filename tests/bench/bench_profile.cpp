#include "tests/bench/bench_profile.hpp"

#include <nlohmann/json.hpp>

#include "schema/embedded.hpp"
#include "schema/limits.hpp"

namespace landfall::bench {

nlohmann::json make_profile(const ProfileChanges& changes) {
  auto profile = nlohmann::json::parse(*schema::profile("prokure"));
  // A phone that registers itself is no part of any workload.
  profile.erase("devices");
  profile["http"] = {{"compress_requests", "gzip"}, {"version", changes.http2 ? "2" : "1.1"}};
  auto& sync = profile["sync"];
  sync["edge_spread_ms"] = 0;
  if (changes.batch_operations_max) sync["batch_operations_max"] = *changes.batch_operations_max;
  profile["limits"]["tier2_bytes_max"] = changes.tier2_bytes_max.value_or(limits::kTier2BytesMax);
  if (changes.by_endpoint) {
    profile["endpoints"]["create_pr"] = {{"method", "POST"},
                                         {"path", "/api/mobile/pr/${id}"},
                                         {"auth", "jwt"},
                                         {"offline", "queued"},
                                         {"replay", true}};
    profile["entities"]["pr"]["actions"]["create"].update(
        {{"delivery", "endpoint"}, {"endpoint", "create_pr"}});
  }
  return profile;
}

}  // namespace landfall::bench
