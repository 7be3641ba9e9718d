#pragma once

#include <functional>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api.hpp"
#include "actors/open_reply.hpp"

namespace landfall::actors {

// Replies with `to_json` of an answer. One class for all questions that are answered alike, for the
// reason that handler.hpp gives.
template <class Answered>
struct ForwardAnswer {
  Reply reply;
  std::function<Json(const Answered&)> to_json;

  void operator()(const Answered& answer) const {
    reply->send(answer ? Result<Json>(to_json(answer)) : failure(answer.error()));
  }
};

// Replies with what a dead target means to the caller.
struct ForwardDeath {
  Reply reply;
  Error if_dead;

  void operator()(const caf::error&) const { reply->send(failure(if_dead)); }
};

// Asks `target` and replies with `to_json` of its answer. `if_dead` says what a dead target means
// to the caller.
template <class Answered, class Target, class Question>
void forward(ApiSelf self, const Target& target, Question question, const Reply& reply,
             const Error& if_dead, std::function<Json(const Answered&)> to_json) {
  self->request(target, caf::infinite, std::move(question))
      .then(ForwardAnswer<Answered>{reply, std::move(to_json)}, ForwardDeath{reply, if_dead});
}

// Of an answer that says no more than that it was done.
[[nodiscard]] inline Json nothing(const Status&) { return Json::object(); }

}  // namespace landfall::actors
