#include "actors/transport.hpp"

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace landfall::actors {
namespace {

using Self = TransportActor::stateful_pointer<TransportState>;

// What finds no room is known until the process ends.
void note_update(Self self, std::uint64_t number, const http::Answer& answer) {
  auto& state = self->state;
  const auto found = state.open.find(number);
  if (found == state.open.end() || !answer.response) return;
  if (!state.update->on_answer(found->second.target, *answer.response)) return;
  const Status saved =
      state.device->write("transport.update", store::Durability::durable,
                          [&](store::Transaction& tx) { return state.update->save(tx); });
  self->send(state.api, UpdateChanged{state.update->notice()});
  if (!saved && saved.error().kind != ErrorClass::storage_full) fail_step(self, saved.error());
}

void load_update(Self self) {
  auto& state = self->state;
  state.update.emplace(state.core->profile(), state.core->config.app_version);
  const Status loaded = state.device->read(
      [&](const store::Snapshot& snapshot) { return state.update->load(snapshot); });
  if (!loaded) return fail_step(self, loaded.error());
  if (state.update->notice().kind != http::UpdateKind::none)
    self->send(state.api, UpdateChanged{state.update->notice()});
}

}  // namespace

TransportState::~TransportState() { cancel_all(); }

void TransportState::finish(std::uint64_t number, http::Answer answer) {
  const auto found = open.find(number);
  if (found == open.end()) return;
  auto promise = std::move(found->second.promise);
  open.erase(found);
  promise.deliver(std::move(answer));
}

void TransportState::cancel_all() {
  while (!open.empty()) {
    const std::uint64_t number = open.begin()->first;
    core->environment.transport->cancel(number);
    finish(number, http::Answer{std::nullopt, http::TransportFailure::silent});
  }
}

TransportActor::behavior_type transport(TransportActor::stateful_pointer<TransportState> self,
                                        SharedCore core, std::shared_ptr<store::Database> device,
                                        ApiActor api) {
  self->state.core = std::move(core);
  self->state.device = std::move(device);
  self->state.api = std::move(api);
  load_update(self);
  return {
      [self](SendRequest& message) -> caf::result<http::Answer> {
        auto& state = self->state;
        const std::uint64_t number = ++state.last_number;
        auto promise = self->make_response_promise<http::Answer>();
        state.open.emplace(number, TransportState::Open{promise, message.request.target});
        const auto address = caf::actor_cast<TransportActor>(self);
        state.core->environment.transport->start(
            number, message.request, message.timeout, message.response_bytes_max,
            [address, number](http::Answer answer) {
              caf::anon_send(address, TransportDone{number, std::move(answer)});
            });
        return promise;
      },
      [self](TransportDone& done) {
        note_update(self, done.number, done.answer);
        self->state.finish(done.number, std::move(done.answer));
      },
      [self](const CancelCalls&) { self->state.cancel_all(); },
  };
}

}  // namespace landfall::actors
