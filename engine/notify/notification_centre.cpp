#include "engine/notify/notification_centre.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/mutant.hpp"
#include "engine/notify/deep_link.hpp"
#include "engine/notify/push_payload.hpp"
#include "engine/notify/stored_settings.hpp"
#include "engine/store/notification_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::notify {
namespace {

using store::NotificationTable;

void wake_no_later_than(CentreEffects& effects, Instant at) {
  if (!effects.wake_at || at < *effects.wake_at) effects.wake_at = at;
}

// The first repeat after kShowRetryMs, each later one after twice the wait.
Duration retry_delay(std::int64_t asked) {
  const std::int64_t doublings = std::clamp<std::int64_t>(asked - 1, 0, 16);
  return Duration{std::min(limits::kShowRetryMs << doublings, limits::kShowRetryMsMax)};
}

// Whether the push is one that came before. One without an id of its own repeats another only for a
// while: the same words next week are news.
Result<bool> came_before(store::Transaction& tx, const PushPayload& push, Instant now) {
  LANDFALL_TRY_ASSIGN(const auto known, NotificationTable::find(tx, push.id));
  if (!known) return false;
  const bool is_news = push.is_id_made && known->state != NotificationState::waiting &&
                       now - known->received_at > Duration{limits::kSamePushMs};
  if (!is_news) return true;
  LANDFALL_TRY(NotificationTable::forget(tx, known->seq));
  return false;
}

// What a push without a text shows: the profile's words for its type, else its channel's name.
std::string title_for(const Profile& profile, const PushPayload& push, const std::string& channel) {
  if (!push.title.empty() || !push.body.empty()) return push.title;
  const auto words = profile.messages.find("notification." + push.type);
  if (words != profile.messages.end()) return words->second;
  const auto named = profile.notifications.channels.find(channel);
  return named == profile.notifications.channels.end() ? channel : named->second.name;
}

}  // namespace

Result<ReceivedPush> NotificationCentre::on_push(store::Transaction& tx, const Json& payload,
                                                 Instant now) {
  ReceivedPush received;
  LANDFALL_TRY_ASSIGN(const Settings settings, settings_now(tx));
  const Situation situation{settings, zone_, now};
  const auto push = parse_push(payload, now);
  if (push) {
    received.id = push->id;
    LANDFALL_TRY_ASSIGN(received.decision, accept(tx, *push, situation));
  } else {
    received.decision = drop_push(push.error().code, push.error().message);
  }
  LANDFALL_TRY_ASSIGN(received.effects, look_at_all(tx, situation));
  return received;
}

Result<PushDecision> NotificationCentre::accept(store::Transaction& tx, const PushPayload& push,
                                                const Situation& situation) {
  const auto& rules = parts_.profile->notifications;
  PushDecision decision = decide_push(rules, parts_.recipient, push, situation);
  if (decision.verdict == Verdict::drop) return decision;
  LANDFALL_TRY_ASSIGN(const bool is_duplicate, came_before(tx, push, situation.now));
  if (is_duplicate) {
    return drop_push("duplicate", "the same notification came before", decision.channel);
  }
  LANDFALL_TRY_ASSIGN(const auto waiting, NotificationTable::waiting(tx));
  if (waiting.size() >= limits::kNotificationsWaitingMax) {
    return drop_push("too_many_held", "too many notifications are waiting", decision.channel);
  }
  Notification notification;
  notification.id = push.id;
  notification.type = push.type;
  notification.received_at = situation.now;
  notification.expires_at = push.expires_at;
  const auto* type = rules_of(rules, push.type);
  LANDFALL_TRY(NotificationTable::insert(tx, *parts_.outbox_key, notification,
                                         {title_for(*parts_.profile, push, decision.channel),
                                          push.body, deep_link(*type, push.values)}));
  return decision;
}

Result<CentreEffects> NotificationCentre::on_wake(store::Transaction& tx, Instant now) {
  LANDFALL_TRY_ASSIGN(const Settings settings, settings_now(tx));
  return look_at_all(tx, {settings, zone_, now});
}

Result<NotificationStatus> NotificationCentre::status(const store::Reader& reader,
                                                      Instant now) const {
  NotificationStatus status;
  LANDFALL_TRY_ASSIGN(status.settings, settings_now(reader));
  LANDFALL_TRY_ASSIGN(const auto waiting, store::NotificationTable::waiting(reader));
  status.zone = zone_.name();
  status.waiting = waiting.size();
  if (is_quiet(status.settings, zone_, now))
    status.quiet_until = quiet_until(status.settings, zone_, now);
  return status;
}

Result<Settings> NotificationCentre::settings_now(const store::Reader& reader) const {
  return read_settings(reader, *parts_.profile, *parts_.outbox_key, *parts_.documents_key,
                       parts_.recipient.user_id);
}

Result<CentreEffects> NotificationCentre::look_at_all(store::Transaction& tx,
                                                      const Situation& situation) {
  CentreEffects effects;
  LANDFALL_TRY_ASSIGN(const auto waiting, NotificationTable::waiting(tx));
  for (const Notification& notification : waiting) {
    LANDFALL_TRY(look_at(tx, notification, situation, effects));
  }
  LANDFALL_TRY(NotificationTable::forget_old(tx));
  return effects;
}

// What the host is being asked for is its business until it answers.
Status NotificationCentre::look_at(store::Transaction& tx, const Notification& notification,
                                   const Situation& situation, CentreEffects& effects) {
  if (open_.contains(notification.seq)) return {};
  const PushDecision decision = decide_waiting(parts_.profile->notifications, notification.type,
                                               notification.expires_at, situation);
  if (decision.verdict == Verdict::drop) {
    return drop(tx, notification, decision, situation.now, effects);
  }
  const bool rings_anyway = mutant::is(mutant::Mutant::ring_in_quiet_hours);
  if (decision.verdict == Verdict::hold && !rings_anyway) {
    wake_no_later_than(effects, *decision.until);
    return {};
  }
  const auto retry = retry_at_.find(notification.seq);
  if (retry != retry_at_.end() && situation.now < retry->second) {
    wake_no_later_than(effects, retry->second);
    return {};
  }
  // The answer to one of those that are open makes room.
  if (open_.size() >= limits::kNotificationsShowingMax) return {};
  return show(tx, notification, situation, effects);
}

Status NotificationCentre::show(store::Transaction& tx, const Notification& notification,
                                const Situation& situation, CentreEffects& effects) {
  auto content = NotificationTable::content(tx, *parts_.outbox_key, notification);
  if (!content) {
    if (content.error().kind != ErrorClass::corrupt) return failure(content.error());
    return drop(tx, notification, drop_push(content.error().code, content.error().message),
                situation.now, effects);
  }
  LANDFALL_TRY(NotificationTable::mark_asked(tx, notification.seq));
  const auto& rules = parts_.profile->notifications;
  const auto* type = rules_of(rules, notification.type);
  const auto channel = rules.channels.find(type->channel);
  open_.insert(notification.seq);
  retry_at_.erase(notification.seq);
  effects.shows.push_back({notification.seq, notification, std::move(*content), type->channel,
                           type->priority,
                           channel == rules.channels.end() ? std::string{} : channel->second.sound,
                           notification.asked > 0});
  return {};
}

Status NotificationCentre::drop(store::Transaction& tx, const Notification& notification,
                                const PushDecision& decision, Instant now, CentreEffects& effects) {
  retry_at_.erase(notification.seq);
  effects.dropped.push_back({notification.id, notification.type, decision.reason, decision.why});
  return NotificationTable::settle(tx, notification.seq, NotificationState::dropped, now);
}

Result<CentreEffects> NotificationCentre::on_answer(store::Transaction& tx, std::int64_t seq,
                                                    ShowAnswer answer, Instant now) {
  open_.erase(seq);
  LANDFALL_TRY_ASSIGN(const auto known, NotificationTable::find(tx, seq));
  if (known && known->state == NotificationState::waiting) {
    if (answer == ShowAnswer::unanswered) {
      retry_at_[seq] = now + retry_delay(known->asked);
    } else {
      const auto state =
          answer == ShowAnswer::shown ? NotificationState::shown : NotificationState::refused;
      LANDFALL_TRY(NotificationTable::settle(tx, seq, state, now));
    }
  }
  return on_wake(tx, now);
}

}  // namespace landfall::notify
