#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/notify/notification_centre.hpp"
#include "engine/store/notification_table.hpp"
#include "engine/store/transaction.hpp"
#include "tests/engine/sync/pull_rig.hpp"

namespace landfall::pull_test {

// A notification centre on a partition, driven by hand in a time of its own. It begins at noon UTC,
// with quiet hours from 22:00 to 07:00.
struct CentreRig : Partition {
 private:
  void take(notify::CentreEffects effects) {
    wake_at = effects.wake_at;
    for (auto& show : effects.shows) asked.push_back(std::move(show));
    for (auto& drop : effects.dropped) dropped.push_back(std::move(drop));
  }

 public:
  CentreRig() { open(); }

  // A new process: what the old one knew in memory is gone.
  void open() {
    centre.emplace(
        notify::NotificationCentre::Parts{&profile, &outbox_key, &documents_key, {"u-1", "t-1"}});
    centre->set_zone(zone);
    take(*write([&](store::Transaction& tx) { return centre->on_wake(tx, now); }));
  }

  notify::PushDecision push(const Json& payload) {
    auto received =
        *write([&](store::Transaction& tx) { return centre->on_push(tx, payload, now); });
    take(std::move(received.effects));
    return received.decision;
  }
  notify::PushDecision push(const char* type, const std::string& id) {
    return push(Json{{"type", type}, {"notification_id", id}, {"id", "a-7"}, {"title", "t " + id}});
  }
  void answer(notify::ShowAnswer answer) {
    REQUIRE_FALSE(asked.empty());
    const auto seq = asked.front().seq;
    asked.erase(asked.begin());
    take(*write([&](store::Transaction& tx) { return centre->on_answer(tx, seq, answer, now); }));
  }
  void wake() {
    take(*write([&](store::Transaction& tx) { return centre->on_wake(tx, now); }));
  }
  // Lets the timer fire; there must be one.
  void wake_on_time() {
    REQUIRE(wake_at);
    now = std::max(now, *wake_at);
    wake();
  }
  void set_zone(Zone to) {
    zone = std::move(to);
    centre->set_zone(zone);
    wake();
  }
  void save_settings(const Json& settings) {
    put({{"user_profile", "u-1"},
         ++profile_version,
         now,
         false,
         dump_json(Json{{"mobile_settings", settings}})});
    wake();
  }

  [[nodiscard]] std::vector<std::string> asked_ids() const {
    std::vector<std::string> ids;
    for (const auto& show : asked) ids.push_back(show.notification.id);
    return ids;
  }
  [[nodiscard]] std::size_t waiting() {
    return read([](const store::Snapshot& snapshot) {
             return store::NotificationTable::waiting(snapshot);
           })
        .size();
  }

  Instant now = parse_rfc3339("2026-01-05T12:00:00Z").value();
  Zone zone;
  std::optional<notify::NotificationCentre> centre;
  std::vector<notify::ShowNotification> asked;  // and not answered
  std::vector<notify::DroppedNotification> dropped;
  std::optional<Instant> wake_at;
  std::int64_t profile_version = 0;
};

}  // namespace landfall::pull_test
