#pragma once

#include <optional>
#include <string>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/profile/template.hpp"

namespace landfall::notify {

// A push as the platform handed it to the host, read without trust (P-36 to P-38). Its members
// stand in `data` (FCM) or beside the platform's own (APNs):
//
//   type               or notification_type
//   notification_id    else the platform's message id, else a hash of all of it
//   user_id, tenant_id whom it is for; absent: whoever uses the device
//   title, body        else those of `notification` (FCM) or `aps.alert` (APNs)
//   expires_at         RFC 3339; or ttl_s, seconds from its receipt
//
// Every other text or integer is a value for the deep link's template. A link that the push itself
// brings is one of those values at most: nothing follows it.
struct PushPayload {
  std::string id;           // the same twice is one notification
  bool is_id_made = false;  // nobody named it: two that say the same at other times are two
  std::string type;         // empty: it has none
  std::optional<std::string> user_id;
  std::optional<std::string> organisation;
  std::string title;
  std::string body;
  std::optional<Instant> expires_at;
  profile::Variables values;
};

// Errors: push.too_large (beyond limits::kPushPayloadBytesMax), push.invalid (no object). What is
// inside and makes no sense counts as absent. Pure.
[[nodiscard]] Result<PushPayload> parse_push(const Json& payload, Instant now);

}  // namespace landfall::notify
