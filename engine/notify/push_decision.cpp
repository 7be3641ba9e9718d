#include "engine/notify/push_decision.hpp"

#include <utility>

namespace landfall::notify {
namespace {

std::string words_of(std::string_view reason, std::string_view type, const Situation& situation) {
  const Settings& settings = situation.settings;
  const std::string window = format_minute_of_day(settings.quiet_hours_start) + " to " +
                             format_minute_of_day(settings.quiet_hours_end) + " in " +
                             situation.zone.name();
  if (reason == "push_disabled") return "push notifications are disabled in the settings";
  if (reason == "channel_disabled") {
    return "notifications of the type " + std::string{type} + " are disabled in the settings";
  }
  if (reason == "override") return "override: " + std::string{type} + " passes quiet hours";
  if (reason == "quiet_hours") return "quiet hours, from " + window;
  if (settings.quiet_hours_start == settings.quiet_hours_end) return "there are no quiet hours";
  return "outside quiet hours, which are from " + window;
}

}  // namespace

PushDecision drop_push(std::string reason, std::string why, std::string channel) {
  return {Verdict::drop, std::nullopt, std::move(reason), std::move(why), std::move(channel)};
}

const profile::NotificationType* rules_of(const profile::NotificationRules& rules,
                                          std::string_view type) {
  const auto found = rules.types.find(type);
  if (found != rules.types.end()) return &found->second;
  return rules.other ? &*rules.other : nullptr;
}

PushDecision decide_waiting(const profile::NotificationRules& rules, std::string_view type,
                            std::optional<Instant> expires_at, const Situation& situation) {
  const profile::NotificationType* known = rules_of(rules, type);
  if (known == nullptr) {
    return drop_push("unknown_type", "the app knows no such type of notification");
  }
  if (expires_at && *expires_at <= situation.now) {
    return drop_push("expired", "it expired at " + format_rfc3339(*expires_at), known->channel);
  }
  const Decision decision = decide(type, situation.settings, situation.zone, situation.now);
  PushDecision made{decision.verdict, decision.until, std::string{decision.why},
                    words_of(decision.why, type, situation), known->channel};
  if (!rules.types.contains(type)) made.why += "; a type that the app does not know";
  return made;
}

PushDecision decide_push(const profile::NotificationRules& rules, const Recipient& recipient,
                         const PushPayload& push, const Situation& situation) {
  const profile::NotificationType* known = rules_of(rules, push.type);
  const std::string channel = known == nullptr ? std::string{} : known->channel;
  if (push.user_id && !recipient.user_id.empty() && *push.user_id != recipient.user_id) {
    return drop_push("other_user", "it is for another user than the one who is logged in", channel);
  }
  if (push.organisation && !recipient.organisation.empty() &&
      *push.organisation != recipient.organisation) {
    return drop_push("other_organisation", "it is for another organisation than the active one",
                     channel);
  }
  const bool has_text = !push.title.empty() || !push.body.empty();
  if (known != nullptr && !rules.types.contains(push.type) && !has_text) {
    return drop_push("nothing_to_show", "the app does not know its type, and it says nothing",
                     channel);
  }
  return decide_waiting(rules, push.type, push.expires_at, situation);
}

}  // namespace landfall::notify
