#pragma once

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api.hpp"
#include "actors/open_reply.hpp"

namespace landfall::actors {

// Asks `target` and replies with `to_json` of its answer. `if_dead` says what a dead target means
// to the caller.
template <class Answered, class Target, class Question, class ToJson>
void forward(ApiActor::stateful_pointer<ApiState> self, const Target& target, Question question,
             const Reply& reply, const Error& if_dead, ToJson to_json) {
  self->request(target, caf::infinite, std::move(question))
      .then(
          [reply, to_json](const Answered& answer) {
            if (answer) {
              reply->send(to_json(answer));
            } else {
              reply->send(failure(answer.error()));
            }
          },
          [reply, if_dead](const caf::error&) { reply->send(failure(if_dead)); });
}

// Of an answer that says no more than that it was done.
[[nodiscard]] inline Json nothing(const Status&) { return Json::object(); }

}  // namespace landfall::actors
