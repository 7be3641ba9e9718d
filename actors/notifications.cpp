#include "actors/notifications.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/answer.hpp"
#include "actors/handler.hpp"
#include "engine/host/notification_json.hpp"
#include "engine/store/notification_table.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = NotificationsSelf;
using Knowledge = NotificationsState::ZoneKnowledge;
using notify::CentreEffects;
using notify::NotificationCentre;
using notify::ShowAnswer;
using store::Durability;
using store::Transaction;

void apply(Self self, CentreEffects effects);

// Runs a step on a copy of the centre, which takes the place of the old one when it was stored. On
// a full disk everything stands as it did, and is tried again later.
template <class Step>
auto run(Self self, std::string_view label, Step step)
    -> std::invoke_result_t<Step&, NotificationCentre&, Transaction&> {
  auto& state = self->state;
  NotificationCentre centre = *state.centre;
  auto made = state.store.database->write(label, Durability::durable,
                                          [&](Transaction& tx) { return step(centre, tx); });
  if (made) {
    state.centre = std::move(centre);
  } else if (made.error().kind == ErrorClass::storage_full) {
    state.timer->arm(self, state.core->now() + Duration{limits::kStorageRetryMs});
  } else {
    fail_step(self, made.error());
  }
  return made;
}

void wake(Self self) {
  auto effects = run(self, "notifications.wake", [&](NotificationCentre& centre, Transaction& tx) {
    return centre.on_wake(tx, self->state.core->now());
  });
  if (effects) apply(self, std::move(*effects));
}

// --- showing

void on_shown(Self self, std::int64_t seq, ShowAnswer answer) {
  auto effects = run(self, "notifications.shown", [&](NotificationCentre& centre, Transaction& tx) {
    return centre.on_answer(tx, seq, answer, self->state.core->now());
  });
  if (effects) return apply(self, std::move(*effects));
  if (effects.error().kind == ErrorClass::storage_full)
    self->state.unsaved.emplace_back(seq, answer);
}

// Errors of the engine's own mean that nobody answered; any other is the host's word.
ShowAnswer meaning_of(const Result<SharedJson>& answer) {
  if (answer) return ShowAnswer::shown;
  const std::string& code = answer.error().code;
  const bool is_own = code == "port.timeout" || code == "port.withdrawn" || code == "port.busy";
  return is_own ? ShowAnswer::unanswered : ShowAnswer::refused;
}

void ask_to_show(Self self, const notify::ShowNotification& show) {
  auto data = std::make_shared<const Json>(host::show_json(show));
  self->request(self->state.api, caf::infinite, AskHost{"notification.show", std::move(data)})
      .then(handler([self, seq = show.seq](const Result<SharedJson>& answer) {
              on_shown(self, seq, meaning_of(answer));
            }),
            handler([self, seq = show.seq](const caf::error&) {
              on_shown(self, seq, ShowAnswer::unanswered);
            }));
}

void apply(Self self, CentreEffects effects) {
  auto& state = self->state;
  state.timer->arm(self, effects.wake_at);
  state.core->windows->set_notify(effects.wake_at);
  for (const auto& show : effects.shows) ask_to_show(self, show);
  for (const auto& dropped : effects.dropped) {
    self->send(state.api, EmitEvent{"notification/" + dropped.id, "notification.dropped",
                                    std::make_shared<const Json>(host::dropped_json(dropped))});
  }
}

// --- the zone

void go_on(Self self) {
  for (const auto& next : std::exchange(self->state.waiting_for_zone, {})) next();
}

// A host that names no zone leaves the engine with UTC, and says so.
void on_zone(Self self, const Result<SharedJson>& answer) {
  auto& state = self->state;
  auto zone = answer ? Zone::parse(**answer, "") : Result<Zone>{failure(answer.error())};
  if (zone) {
    state.centre->set_zone(std::move(*zone));
    state.zone = Knowledge::known;
  } else {
    state.zone = Knowledge::failed;
    state.zone_retry_at = state.core->now() + Duration{limits::kZoneRetryMs};
    self->send(
        state.api,
        EmitEvent{"zone.unknown", "zone.unknown",
                  std::make_shared<const Json>(Json{{"zone", state.core->config.zone},
                                                    {"code", zone.error().code},
                                                    {"used", state.centre->zone().name()}})});
  }
  go_on(self);
  wake(self);
}

void ask_zone(Self self) {
  auto& state = self->state;
  state.zone = Knowledge::asked;
  const Json data{{"name", state.core->config.zone}};
  self->request(state.api, caf::infinite, AskHost{"zone.read", std::make_shared<const Json>(data)})
      .then(handler([self](const Result<SharedJson>& answer) { on_zone(self, answer); }),
            handler([self](const caf::error&) { on_zone(self, failure(read_interrupted())); }));
}

// Runs `then` when the zone is known, or known to be unknown for now.
void with_zone(Self self, std::function<void()> then) {
  auto& state = self->state;
  const bool is_due = state.zone == Knowledge::none ||
                      (state.zone == Knowledge::failed && state.core->now() >= state.zone_retry_at);
  if (is_due) ask_zone(self);
  if (state.zone != Knowledge::asked) return then();
  state.waiting_for_zone.push_back(std::move(then));
}

// --- events

caf::result<Result<PushDecided>> receive(Self self, const PushReceived& message) {
  auto promise = self->make_response_promise<Result<PushDecided>>();
  auto answer = std::make_shared<Answer<PushDecided>>(promise, write_indeterminate());
  with_zone(self, [self, payload = message.payload, answer] {
    auto received =
        run(self, "notifications.push", [&](NotificationCentre& centre, Transaction& tx) {
          return centre.on_push(tx, *payload, self->state.core->now());
        });
    if (!received) return answer->deliver(failure(received.error()));
    answer->deliver(PushDecided{std::move(received->decision), std::move(received->id)});
    apply(self, std::move(received->effects));
  });
  return promise;
}

Result<notify::NotificationStatus> status_now(Self self) {
  auto& state = self->state;
  return state.store.database->read([&](const store::Snapshot& snapshot) {
    return state.centre->status(snapshot, state.core->now());
  });
}

caf::result<Result<notify::NotificationStatus>> read_settings(Self self) {
  auto promise = self->make_response_promise<Result<notify::NotificationStatus>>();
  auto answer = std::make_shared<Answer<notify::NotificationStatus>>(promise, read_interrupted());
  with_zone(self, [self, answer] { answer->deliver(status_now(self)); });
  return promise;
}

// Whether there is anything to decide about: then the zone matters.
void wake_if_waiting(Self self) {
  auto& state = self->state;
  const auto waiting = state.store.database->read(
      [](const store::Snapshot& snapshot) { return store::NotificationTable::waiting(snapshot); });
  if (waiting && waiting->empty()) return state.core->windows->set_notify(std::nullopt);
  with_zone(self, [self] { wake(self); });
}

void on_timer(Self self, const TimerFired& fired) {
  auto& state = self->state;
  if (!state.timer->fires(self, fired)) return;
  for (const auto& [seq, answer] : std::exchange(state.unsaved, {})) on_shown(self, seq, answer);
  with_zone(self, [self] { wake(self); });
}

void on_zone_changed(Self self) {
  auto& state = self->state;
  if (state.zone != Knowledge::none) ask_zone(self);
}

}  // namespace

NotificationsActor::behavior_type notifications(Self self, SharedCore core, PartitionStore store,
                                                notify::Recipient recipient, ApiActor api) {
  auto& state = self->state;
  state.centre.emplace(NotificationCentre::Parts{&core->profile(), store.outbox_key.get(),
                                                 store.documents_key.get(), std::move(recipient)});
  state.timer.emplace(*core->environment.clock);
  state.core = std::move(core);
  state.store = std::move(store);
  state.api = std::move(api);
  wake_if_waiting(self);
  return {
      [self](const PushReceived& message) { return receive(self, message); },
      [self](const ReadNotificationSettings&) { return read_settings(self); },
      [self](const SettingsTouched&) { wake_if_waiting(self); },
      [self](const ZoneChanged&) { on_zone_changed(self); },
      [self](const TimerFired& fired) { on_timer(self, fired); },
  };
}

}  // namespace landfall::actors
