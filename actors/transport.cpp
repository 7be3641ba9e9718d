#include "actors/transport.hpp"

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace landfall::actors {

TransportState::~TransportState() { cancel_all(); }

void TransportState::finish(std::uint64_t number, http::Answer answer) {
  const auto found = open.find(number);
  if (found == open.end()) return;
  auto promise = std::move(found->second);
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
                                        SharedCore core) {
  self->state.core = std::move(core);
  return {
      [self](SendRequest& message) -> caf::result<http::Answer> {
        auto& state = self->state;
        const std::uint64_t number = ++state.last_number;
        auto promise = self->make_response_promise<http::Answer>();
        state.open.emplace(number, promise);
        const auto address = caf::actor_cast<TransportActor>(self);
        state.core->environment.transport->start(
            number, message.request, message.timeout, message.response_bytes_max,
            [address, number](http::Answer answer) {
              caf::anon_send(address, TransportDone{number, std::move(answer)});
            });
        return promise;
      },
      [self](TransportDone& done) { self->state.finish(done.number, std::move(done.answer)); },
      [self](const CancelCalls&) { self->state.cancel_all(); },
  };
}

}  // namespace landfall::actors
