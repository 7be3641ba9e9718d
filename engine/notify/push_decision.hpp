#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"
#include "engine/base/zone.hpp"
#include "engine/notify/push_payload.hpp"
#include "engine/notify/quiet_hours.hpp"
#include "engine/notify/settings.hpp"
#include "engine/profile/notification_rules.hpp"

namespace landfall::notify {

// Whose notifications are shown here. What is empty is not known, and nothing is compared with it.
struct Recipient {
  std::string user_id;
  std::string organisation;
};

// What becomes of one push, and why.
struct PushDecision {
  Verdict verdict = Verdict::drop;
  std::optional<Instant> until;  // of hold: the end of the quiet hours
  std::string reason;            // a code, as "quiet_hours"
  std::string why;               // the same in words, without anything secret
  std::string channel;           // id of the profile's channel; empty: none fits

  friend bool operator==(const PushDecision&, const PushDecision&) = default;
};

// What a user wants to be told now, and where.
struct Situation {
  const Settings& settings;
  const Zone& zone;
  Instant now;
};

// The rules of a type; those of `other` for a type that the profile does not know; null when there
// are none of these either.
[[nodiscard]] const profile::NotificationType* rules_of(const profile::NotificationRules& rules,
                                                        std::string_view type);

// What becomes of a notification that is known to be for this user: one that just came, or one that
// was held. Pure (P-45, P-46, INV-T1).
//
//   drop   expired, push_disabled, channel_disabled, unknown_type (the profile has no `other`)
//   hold   quiet_hours
//   show   allowed, override
[[nodiscard]] PushDecision decide_waiting(const profile::NotificationRules& rules,
                                          std::string_view type, std::optional<Instant> expires_at,
                                          const Situation& situation);

// The same for a push that just came. Also drops: other_user, other_organisation, and
// nothing_to_show for an unknown type without a text.
[[nodiscard]] PushDecision decide_push(const profile::NotificationRules& rules,
                                       const Recipient& recipient, const PushPayload& push,
                                       const Situation& situation);

// A drop for a reason that needs no look at the settings: duplicate, push.too_large, too_many_held.
[[nodiscard]] PushDecision drop_push(std::string reason, std::string why, std::string channel = {});

}  // namespace landfall::notify
