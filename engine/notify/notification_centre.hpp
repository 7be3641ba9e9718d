#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/base/zone.hpp"
#include "engine/notify/notification.hpp"
#include "engine/notify/push_decision.hpp"
#include "engine/profile/profile.hpp"

namespace landfall::store {
class Reader;
class Sealer;
class Transaction;
}  // namespace landfall::store

namespace landfall::notify {

// One notification that the host shall show now.
struct ShowNotification {
  std::int64_t seq = 0;
  Notification notification;
  NotificationContent content;
  std::string channel;
  profile::Priority priority = profile::Priority::normal;
  std::string sound;  // of the channel; empty: none
  // It was asked for before and the answer is not known, so that it may be shown already: the host
  // replaces what it shows under this id, without another sound.
  bool again = false;
};

// One that was held and will not be shown after all.
struct DroppedNotification {
  std::string id;
  std::string type;
  std::string reason;
  std::string why;
};

// What a step asks of the outside, to be carried out after its commit.
struct CentreEffects {
  std::vector<ShowNotification> shows;
  std::vector<DroppedNotification> dropped;
  // Replaces the centre's one timer; nothing means that no timer is needed.
  std::optional<Instant> wake_at;
};

struct ReceivedPush {
  PushDecision decision;
  std::string id;  // empty when the push could not be read
  CentreEffects effects;
};

// What the host made of a ShowNotification.
enum class ShowAnswer {
  shown,
  refused,    // it never can: the user forbade the app to notify, the channel is gone
  unanswered  // not known; it is asked again
};

struct NotificationStatus {
  Settings settings;
  std::string zone;
  std::optional<Instant> quiet_until;  // nothing: it is not quiet now
  std::size_t waiting = 0;  // notifications that are held, or whose host has not answered
};

// Decides about pushes, and delivers what was held when the quiet hours end: once, in the zone then
// current, with the settings then current, not after it expired, also over a kill at any point
// (P-39 to P-47, INV-T2).
//
// A notification is a row before its host is asked to show it, with the number of times it was
// asked. So a process that dies in between finds a row that waits and was asked: the next ask is
// marked `again`, and nothing is lost and nothing rings twice. What was shown keeps its id for a
// while, so that the same push once more is a duplicate.
//
// All waiting rows are decided anew by every step, because settings, zone and time may have moved.
// It is a value: a step that could not be stored is undone by going back to the centre as it was
// before. Durability of every step: durable, as a question to the host leaves behind it.
class NotificationCentre final {
 public:
  struct Parts {
    const Profile* profile;
    store::Sealer* outbox_key;
    const store::Sealer* documents_key;  // all outlive the centre
    Recipient recipient;
  };

  explicit NotificationCentre(Parts parts) : parts_(std::move(parts)) {}

  // UTC until the first.
  void set_zone(Zone zone) { zone_ = std::move(zone); }
  [[nodiscard]] const Zone& zone() const { return zone_; }
  // What notifications.settings tells.
  [[nodiscard]] Result<NotificationStatus> status(const store::Reader& reader, Instant now) const;

  // A push came. Dropped beside what decide_push drops: push.too_large, duplicate, too_many_held.
  [[nodiscard]] Result<ReceivedPush> on_push(store::Transaction& tx, const Json& payload,
                                             Instant now);

  // The timer fired, the centre was opened, or something that decisions rest on has changed.
  [[nodiscard]] Result<CentreEffects> on_wake(store::Transaction& tx, Instant now);

  // An answer for one that is settled already, or forgotten, changes nothing.
  [[nodiscard]] Result<CentreEffects> on_answer(store::Transaction& tx, std::int64_t seq,
                                                ShowAnswer answer, Instant now);

 private:
  // The user's settings, with what they changed and nobody answered yet.
  [[nodiscard]] Result<Settings> settings_now(const store::Reader& reader) const;
  [[nodiscard]] Result<CentreEffects> look_at_all(store::Transaction& tx,
                                                  const Situation& situation);
  [[nodiscard]] Result<PushDecision> accept(store::Transaction& tx, const PushPayload& push,
                                            const Situation& situation);
  [[nodiscard]] Status look_at(store::Transaction& tx, const Notification& notification,
                               const Situation& situation, CentreEffects& effects);
  [[nodiscard]] Status show(store::Transaction& tx, const Notification& notification,
                            const Situation& situation, CentreEffects& effects);
  [[nodiscard]] Status drop(store::Transaction& tx, const Notification& notification,
                            const PushDecision& decision, Instant now, CentreEffects& effects);

  Parts parts_;
  Zone zone_;
  std::set<std::int64_t> open_;  // seqs that the host was asked for and has not answered
  std::map<std::int64_t, Instant> retry_at_;  // those that it did not answer
};

}  // namespace landfall::notify
