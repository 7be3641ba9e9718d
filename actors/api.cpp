#include "actors/api.hpp"

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_routes.hpp"
#include "engine/host/outgoing.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = ApiSelf;

// --- questions

Error withdrawn() {
  return {ErrorClass::busy, "port.withdrawn", "the engine is closing or was suspended"};
}

Error timed_out() {
  return {ErrorClass::transient, "port.timeout", "the host did not answer a question in time"};
}

// The oldest question is the first to be given up.
void arm_timer(Self self) {
  auto& state = self->state;
  std::optional<Instant> at;
  if (!state.questions.empty()) at = state.questions.begin()->second.give_up_at;
  state.timer->arm(self, at);
}

void give_up_questions(Self self) {
  auto& state = self->state;
  while (!state.questions.empty() &&
         state.questions.begin()->second.give_up_at <= state.core->now()) {
    auto node = state.questions.extract(state.questions.begin());
    state.core->poll_queue->push(host::cancel_text(node.key()));
    node.mapped().answer.deliver(failure(timed_out()));
  }
  arm_timer(self);
}

caf::result<Result<SharedJson>> ask_host(Self self, const AskHost& question) {
  auto& state = self->state;
  if (state.closing) return Result<SharedJson>{failure(withdrawn())};
  if (state.questions.size() >= limits::kOpenQuestionsMax) {
    return Result<SharedJson>{
        failure(ErrorClass::busy, "port.busy", "too many questions are open")};
  }
  auto promise = self->make_response_promise<Result<SharedJson>>();
  const std::int64_t number = ++state.last_question;
  state.questions.emplace(
      number, ApiState::Question{{promise, withdrawn()},
                                 state.core->now() + Duration{limits::kQuestionTimeoutMs}});
  arm_timer(self);
  state.core->poll_queue->push(host::question_text(number, question.port, *question.data));
  return promise;
}

// An answer to a question that is no longer open is ignored: the host answered twice, or after a
// withdrawal.
void on_host_answer(Self self, HostAnswer& message) {
  auto& questions = self->state.questions;
  const auto found = questions.find(message.answer.question);
  if (found == questions.end()) return;
  Answer<SharedJson> answer = std::move(found->second.answer);
  questions.erase(found);
  arm_timer(self);
  answer.deliver(std::move(message.answer.result));
}

void withdraw_questions(Self self) {
  auto& state = self->state;
  for (auto& [number, question] : state.questions) {
    state.core->poll_queue->push(host::cancel_text(number));
    question.answer.deliver(failure(withdrawn()));
  }
  state.questions.clear();
  arm_timer(self);
}

// --- where requests go

// Operations go straight to the queue while somebody who may speak for the user holds the phone.
void open_door(ApiState& state) {
  if (state.closing || state.paused || state.is_locked || !state.partition) return;
  state.core->enqueue_door->open(state.partition->enqueues);
}

void on_partition_opened(Self self, const PartitionOpened& opened) {
  self->state.partition = opened;
  open_door(self->state);
}

void on_lock(Self self, const LockChanged& changed) {
  auto& state = self->state;
  state.is_locked = changed.is_locked;
  if (!changed.is_locked) return open_door(state);
  state.core->enqueue_door->shut();
  if (state.partition) self->send(state.partition->cache, EndSubscriptions{"session.locked"});
}

void on_partition_closed(Self self) {
  self->state.core->enqueue_door->shut();
  self->state.partition.reset();
}

// --- events

void on_engine_state(Self self, const EngineStateChanged& changed) {
  auto& state = self->state;
  state.engine_state = changed.state;
  Json data{{"state", to_string(changed.state)}};
  if (!changed.code.empty()) data["code"] = changed.code;
  // What is still asked was asked by actors that are gone by now.
  const bool waits_for_room = changed.state == EngineState::opening && !changed.code.empty();
  if (changed.state == EngineState::suspended || waits_for_room) {
    state.device.reset();
    withdraw_questions(self);
  }
  state.core->poll_queue->push_event("engine.state", host::event_text("engine.state", data));
}

// Nobody blocks what a newer word allows again; a partition that opens later looks for itself.
void on_update(Self self, const UpdateChanged& changed) {
  auto& state = self->state;
  const http::UpdateNotice before = std::exchange(state.update, changed.notice);
  if (before == state.update) return;
  state.core->poll_queue->push_event("update.changed",
                                     host::event_text("update.changed", update_json(state.update)));
  const bool is_over =
      before.kind == http::UpdateKind::force && state.update.kind != http::UpdateKind::force;
  if (!is_over || !state.partition) return;
  self->send(state.partition->enqueues.queue, UpdateOver{});
  if (state.partition->attachments) self->send(state.partition->attachments, UpdateOver{});
}

void on_device_opened(Self self, const DeviceOpened& opened) {
  self->state.device = opened;
  self->state.paused = false;
  self->state.is_locked = true;
}

}  // namespace

Json update_json(const http::UpdateNotice& notice) {
  Json json{{"kind", http::to_string(notice.kind)}};
  if (!notice.message.empty()) json["message"] = notice.message;
  if (!notice.minimum_version.empty()) json["minimum_version"] = notice.minimum_version;
  if (!notice.recommended_version.empty()) json["recommended_version"] = notice.recommended_version;
  return json;
}

std::string_view to_string(EngineState state) noexcept {
  switch (state) {
    case EngineState::opening:
      return "opening";
    case EngineState::locked:
      return "locked";
    case EngineState::ready:
      return "ready";
    case EngineState::suspended:
      return "suspended";
    case EngineState::failed:
      return "failed";
  }
  return "failed";
}

ApiActor::behavior_type api(Self self, SharedCore core) {
  self->state.timer.emplace(*core->environment.clock);
  self->state.core = std::move(core);
  return {
      [self](const HostRequest& request) { route(self, request); },
      [self](HostAnswer& message) { on_host_answer(self, message); },
      [self](const AskHost& question) { return ask_host(self, question); },
      [self](const EmitEvent& event) {
        self->state.core->poll_queue->push_event(event.key,
                                                 host::event_text(event.event, *event.data));
      },
      [self](EmitEvents& message) {
        self->state.core->poll_queue->push_events(std::move(message.events));
      },
      [self](const DeviceOpened& opened) { on_device_opened(self, opened); },
      [self](const PartitionOpened& opened) { on_partition_opened(self, opened); },
      [self](const PartitionClosed&) { on_partition_closed(self); },
      [self](const EngineStateChanged& changed) { on_engine_state(self, changed); },
      [self](const LockChanged& changed) { on_lock(self, changed); },
      [self](const UpdateChanged& changed) { on_update(self, changed); },
      [self](const CloseApi&) {
        self->state.closing = true;
        self->state.core->enqueue_door->shut();
        withdraw_questions(self);
        return Status{};
      },
      [self](const PauseApi&) {
        self->state.paused = true;
        self->state.core->enqueue_door->shut();
        return Status{};
      },
      [self](const CountQuestions&) { return self->state.questions.size(); },
      [self](const TimerFired& fired) {
        if (self->state.timer->fires(self, fired)) give_up_questions(self);
      },
  };
}

}  // namespace landfall::actors
