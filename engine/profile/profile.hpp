#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/profile/attachment_rules.hpp"
#include "engine/profile/attestation_rules.hpp"
#include "engine/profile/auth_rules.hpp"
#include "engine/profile/cached_read.hpp"
#include "engine/profile/connectivity_rules.hpp"
#include "engine/profile/device_rules.hpp"
#include "engine/profile/endpoint.hpp"
#include "engine/profile/entity.hpp"
#include "engine/profile/http_rules.hpp"
#include "engine/profile/notification_rules.hpp"
#include "engine/profile/permission_rules.hpp"
#include "engine/profile/realtime_rules.hpp"
#include "engine/profile/routing_rules.hpp"
#include "engine/profile/second_factor_rules.hpp"
#include "engine/profile/sync_rules.hpp"
#include "engine/profile/trust_rules.hpp"
#include "engine/profile/unlock_rules.hpp"
#include "engine/profile/update_rules.hpp"

namespace landfall {
namespace profile {

// Bounds that the app narrows below those of schema/limits.hpp.
struct ProfileLimits {
  std::size_t outbox_operations_max = 0;
  std::size_t outbox_bytes_max = 0;
  std::size_t payload_bytes_max = 0;
  std::size_t tier1_bytes_max = 0;
  std::size_t tier2_bytes_max = 0;
};

}  // namespace profile

// One app's rules as data. It is loaded once and never changes; whoever needs it holds a shared
// pointer to const.
struct Profile {
  std::string name;
  std::string display_name;  // as the app's users know it; the name where the profile has none
  std::string origin;        // "https://host[:port]"
  std::map<std::string, profile::Endpoint, std::less<>> endpoints;
  std::vector<std::pair<std::string, std::string>> headers;  // values are templates for fill_text
  profile::ErrorShape errors;
  profile::AuthRules auth;
  profile::SyncRules sync;
  std::map<std::string, profile::Entity, std::less<>> entities;
  profile::NotificationRules notifications;
  profile::ConnectivityRules connectivity;
  std::optional<profile::AttachmentRules> attachments;  // none: the app has no files
  std::optional<profile::RealtimeRules> realtime;       // none: the server has no hub
  std::optional<profile::PermissionRules> permissions;  // none: everybody may do everything
  std::map<std::string, std::string, std::less<>> messages;
  profile::ProfileLimits limits;
  std::map<std::string, profile::CachedRead, std::less<>> reads;
  profile::UnlockRules unlock;
  std::optional<profile::RoutingRules> routing;  // none: the app goes its own ways
  std::optional<profile::DeviceRules> devices;   // none: the server keeps no list of devices
  std::optional<profile::UpdateRules> updates;   // none: a 426 alone asks for a newer app
  profile::TrustRules trust;
  profile::HttpRules http;
  std::optional<profile::SecondFactorRules> second_factor;  // none: a password is always enough
  std::optional<profile::AttestationRules> attestation;     // none: no action has a signed one

  // Reads and checks a profile. The error's field is the path of the first mistake found and its
  // message says what was expected there. Codes: profile.missing, profile.type, profile.value,
  // profile.unknown_key, and those of parse_json for text that is no JSON.
  [[nodiscard]] static Result<Profile> load(std::string_view json_text);

  // By name; null when the profile has none.
  [[nodiscard]] const profile::Endpoint* endpoint(std::string_view endpoint_name) const;
  [[nodiscard]] const profile::Entity* entity(std::string_view type) const;
  [[nodiscard]] const profile::CachedRead* cached_read(std::string_view read_name) const;
  [[nodiscard]] const profile::Action* action(std::string_view type,
                                              std::string_view action_name) const;
  // Whether the server names an entity of that type when it is made (wire.md `assigned_id`).
  [[nodiscard]] bool server_names(std::string_view type) const;
  // Whether it may give what was made here another id than it has here: server_names, of a type
  // that an action makes. What only the server makes keeps its id, so that it can be signed (C-25).
  [[nodiscard]] bool renames(std::string_view type) const;
  // The smaller of the app's bound and the engine's.
  [[nodiscard]] std::size_t payload_bytes_max() const;
  // The text of that key; the key itself when the profile has none, so that something is always
  // shown.
  [[nodiscard]] std::string_view message(std::string_view key) const;
};

}  // namespace landfall
