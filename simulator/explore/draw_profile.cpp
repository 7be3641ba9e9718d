#include "simulator/explore/draw_profile.hpp"

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "schema/embedded.hpp"
#include "schema/limits.hpp"

namespace landfall::explore {
namespace {

using Json = nlohmann::json;

constexpr double kByEndpoint = 0.25;
constexpr double kCoalescing = 0.4;
constexpr double kWithHub = 0.4;
constexpr double kSmallTier2 = 0.3;
constexpr double kSmallPieces = 0.7;
constexpr std::int64_t kSmallTier2BytesMax = 16'384;
constexpr double kWithPin = 0.4;
constexpr double kSigned = 0.5;
constexpr double kCompressed = 0.3;
constexpr double kSmallBatches = 0.3;

// A PIN that costs little, a window that a world sees the end of, and a ladder that is climbed.
void draw_unlock(Json& unlock, Random& random) {
  unlock["pin"]["kdf"] = {{"memory_kib", 8}, {"passes", 1}};
  unlock["offline_hours"] = random.between(1, 3);
  if (random.chance(0.7)) {
    unlock["pin"]["lockout"]["steps"] = {{{"at", 2}, {"wait_s", 30}}, {{"at", 4}, {"wait_s", 60}}};
    unlock["pin"]["lockout"]["hard_at"] = random.between(5, 10);
  }
}

bool can_deliver(const Json& profile, const std::string& action) {
  return profile.contains(Json::json_pointer("/endpoints/" + action)) &&
         profile.contains(Json::json_pointer("/entities/approval/actions/" + action));
}

// A hub, and rights that the decisions about approvals need. What was taken away is told and no
// more: a logout for it is a scenario's story.
void add_hub(Json& profile) {
  profile["endpoints"]["hub_negotiate"] = {
      {"method", "POST"},
      {"path", "/hubs/permissions/negotiate?negotiateVersion=1"},
      {"auth", "jwt"},
      {"offline", "no"},
      {"replay", true}};
  profile["endpoints"]["permissions_by_role"] = {{"method", "GET"},
                                                 {"path", "/api/auth/my-permissions-by-role"},
                                                 {"auth", "jwt"},
                                                 {"offline", "cached"},
                                                 {"replay", true}};
  profile["endpoints"]["login"]["reply"]["permissions"] = "user.permissions";
  profile["endpoints"]["login"]["reply"]["roles"] = "user.roles";
  profile["realtime"] = {{"hub", "/hubs/permissions"}, {"negotiate", "hub_negotiate"}};
  profile["permissions"] = {{"by_role", "permissions_by_role"}, {"on_revoked", "tell"}};
  profile["entities"]["approval"]["actions"]["approve"]["permission"] = "Approve";
  profile["entities"]["approval"]["actions"]["reject"]["permission"] = "Reject";
}

// Approvals are proven by PIN and signed (C-25).
void sign_approvals(Json& profile) {
  profile["attestation"] = {{"valid_s", 300}};
  profile["endpoints"]["device_register"]["body"]["attestation_key"] = "${attestation_key}";
  profile["entities"]["approval"]["actions"]["approve"]["attest"] = "signed";
}

bool can_sign(const Json& profile) {
  return has_cheap_pin(profile) &&
         profile.contains(Json::json_pointer("/endpoints/device_register/body")) &&
         profile.contains(Json::json_pointer("/entities/approval/actions/approve"));
}

}  // namespace

Json draw_profile(const Json& base, Random& random) {
  Json profile = base.is_string() ? Json::parse(*schema::profile(base.get<std::string>())) : base;
  bool is_changed = false;
  const Json::json_pointer update{"/entities/pr/actions/update"};
  if (random.chance(kCoalescing) && profile.contains(update)) {
    profile[update]["coalesce"] = "merge";
    is_changed = true;
  }
  for (const std::string action : {"approve", "reject"}) {
    if (!random.chance(kByEndpoint) || !can_deliver(profile, action)) continue;
    profile["entities"]["approval"]["actions"][action].update(
        {{"delivery", "endpoint"}, {"endpoint", action}});
    is_changed = true;
  }
  const Json::json_pointer tier2{"/limits/tier2_bytes_max"};
  if (random.chance(kSmallTier2) && profile.contains(tier2)) {
    profile[tier2] =
        random.between(static_cast<std::int64_t>(limits::kTier2BytesMin), kSmallTier2BytesMax);
    is_changed = true;
  }
  // A photograph of the workload goes in one piece or in several.
  const Json::json_pointer piece{"/attachments/piece_bytes"};
  if (random.chance(kSmallPieces) && profile.contains(piece)) {
    profile[piece] = random.between(static_cast<std::int64_t>(limits::kPieceBytesMin),
                                    4 * static_cast<std::int64_t>(limits::kPieceBytesMin));
    is_changed = true;
  }
  const Json::json_pointer pin{"/unlock/pin"};
  if (random.chance(kWithPin) && profile.contains(pin)) {
    draw_unlock(profile["unlock"], random);
    is_changed = true;
  }
  const Json::json_pointer reject{"/entities/approval/actions/reject"};
  if (random.chance(kWithHub) && profile.contains(reject)) {
    add_hub(profile);
    is_changed = true;
  }
  if (random.chance(kSigned) && can_sign(profile)) {
    sign_approvals(profile);
    is_changed = true;
  }
  if (random.chance(kCompressed)) {
    profile["http"] = {{"compress_requests", "gzip"}, {"compress_bytes_min", 64}};
    is_changed = true;
  }
  const Json::json_pointer batch{"/sync/batch_operations_max"};
  if (random.chance(kSmallBatches) && profile.contains(batch)) {
    profile[batch] = random.between(1, 3);
    is_changed = true;
  }
  return is_changed ? profile : base;
}

bool has_cheap_pin(const Json& profile) {
  const Json::json_pointer memory{"/unlock/pin/kdf/memory_kib"};
  return profile.is_object() && profile.contains(memory) &&
         profile[memory] < limits::kKdfMemoryKibShipped;
}

bool signs_approvals(const Json& profile) {
  const Json::json_pointer attest{"/entities/approval/actions/approve/attest"};
  return profile.is_object() && profile.contains(attest) && profile[attest] == "signed";
}

}  // namespace landfall::explore
