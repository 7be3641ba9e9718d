#include "actors/read_through.hpp"

#include <memory>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/answer.hpp"
#include "actors/handler.hpp"
#include "engine/cache/asked_list.hpp"
#include "engine/cache/cached_read.hpp"
#include "engine/cache/get_document.hpp"

namespace landfall::actors {
namespace {

using store::Snapshot;
using SharedReply = std::shared_ptr<Answer<SharedJson>>;

SharedReply make_reply(CacheSelf self, caf::typed_response_promise<Result<SharedJson>>& promise) {
  promise = self->make_response_promise<Result<SharedJson>>();
  return std::make_shared<Answer<SharedJson>>(promise, read_interrupted());
}

void answer(const SharedReply& reply, Result<Json> json) {
  if (!json) return reply->deliver(failure(json.error()));
  reply->deliver(std::make_shared<const Json>(std::move(*json)));
}

// Asks delta_pull, or hears at once that nobody is there to ask.
template <class T, class Question, class Then>
void ask(CacheSelf self, Question question, Then then) {
  const auto address = caf::actor_cast<caf::strong_actor_ptr>(self->state.delta_pull);
  if (!address) return then(Result<T>{failure(read_interrupted())});
  self->request(caf::actor_cast<DeltaPullActor>(address), caf::infinite, std::move(question))
      .then(handler([then](const Result<T>& answer) { then(answer); }),
            handler([then](const caf::error&) { then(Result<T>{failure(read_interrupted())}); }));
}

// --- lists

Result<Json> list_from_here(CacheSelf self, const cache::Query& query, std::string reason) {
  auto& state = self->state;
  return state.store.database->read([&](const Snapshot& snapshot) -> Result<Json> {
    LANDFALL_TRY_ASSIGN(auto found, cache::run_query(snapshot, state.source(), state.index, query,
                                                     state.core->now()));
    found.reply["reason"] = std::move(reason);
    return std::move(found.reply);
  });
}

Result<Json> list_of(CacheSelf self, const cache::Query& query, const Result<SharedList>& answer) {
  auto& state = self->state;
  if (!answer) {
    if (query.server_after) return failure(cache::needs_server(answer.error()));
    return list_from_here(self, query, answer.error().code);
  }
  return state.store.database->read([&](const Snapshot& snapshot) {
    return cache::asked_reply(snapshot, state.source(), query, **answer, state.core->now());
  });
}

// --- one document

Result<cache::DocumentLook> look(CacheSelf self, const cache::Query& get,
                                 const std::optional<sync::Document>& came) {
  auto& state = self->state;
  return state.store.database->read([&](const Snapshot& snapshot) {
    return cache::look_at_document(snapshot, state.source(), get, came, state.core->now());
  });
}

Result<Json> document_of(CacheSelf self, const cache::Query& get,
                         const Result<FetchedDocument>& fetched) {
  const Instant now = self->state.core->now();
  auto found = look(self, get, fetched ? fetched->document : std::nullopt);
  if (!found) return failure(found.error());
  if (fetched) {
    found->source = cache::AnswerSource::server(now);
  } else {
    found->source.reason = fetched.error().code;
  }
  return cache::to_reply(*found, now);
}

// --- cached reads

Result<Json> read_of(CacheSelf self, const cache::ReadGet& get, const Result<SharedList>& answer) {
  auto& state = self->state;
  const Instant now = state.core->now();
  if (!answer && get.after) return failure(cache::needs_server(answer.error()));
  return state.store.database->read([&](const Snapshot& snapshot) -> Result<Json> {
    if (answer) {
      return cache::read_reply(snapshot, state.source(), get, **answer,
                               cache::AnswerSource::server(now), now);
    }
    LANDFALL_TRY_ASSIGN(auto source, cache::source_of(snapshot, get, now));
    source.reason = answer.error().code;
    return cache::read_reply(snapshot, state.source(), get, std::nullopt, source, now);
  });
}

// What is fresh enough to be answered without the server.
Result<std::optional<Json>> fresh_read(CacheSelf self, const cache::ReadGet& get) {
  auto& state = self->state;
  const Instant now = state.core->now();
  return state.store.database->read([&](const Snapshot& snapshot) -> Result<std::optional<Json>> {
    LANDFALL_TRY_ASSIGN(const auto source, cache::source_of(snapshot, get, now));
    if (!source.is_fresh) return std::optional<Json>{};
    LANDFALL_TRY_ASSIGN(
        Json reply, cache::read_reply(snapshot, state.source(), get, std::nullopt, source, now));
    return std::optional<Json>{std::move(reply)};
  });
}

}  // namespace

void ask_for_list(CacheSelf self, cache::Query query, const Reply& reply) {
  if (cache::goes_on_here(query))
    return reply->send(list_from_here(self, query, "query.goes_on_here"));
  auto question = cache::question_of(query);
  ask<SharedList>(self, AskList{std::move(question)},
                  [self, reply, query = std::move(query)](const Result<SharedList>& list) {
                    reply->send(list_of(self, query, list));
                  });
}

caf::result<Result<SharedJson>> get_document(CacheSelf self, const GetDocument& message) {
  caf::typed_response_promise<Result<SharedJson>> promise;
  const SharedReply reply = make_reply(self, promise);
  const auto get = cache::parse_get(self->state.core->profile(), *message.params);
  if (!get) {
    answer(reply, failure(get.error()));
    return promise;
  }
  const auto found = look(self, *get, std::nullopt);
  if (!found) {
    answer(reply, failure(found.error()));
    return promise;
  }
  if (found->view) self->state.tell_used(found->entity);
  if (!found->wants_server) {
    answer(reply, cache::to_reply(*found, self->state.core->now()));
    return promise;
  }
  ask<FetchedDocument>(self, FetchDocument{found->entity},
                       [self, reply, get = *get](const Result<FetchedDocument>& fetched) {
                         answer(reply, document_of(self, get, fetched));
                       });
  return promise;
}

caf::result<Result<SharedJson>> get_read(CacheSelf self, const GetRead& message) {
  caf::typed_response_promise<Result<SharedJson>> promise;
  const SharedReply reply = make_reply(self, promise);
  const auto get = cache::parse_read(self->state.core->profile(), *message.params);
  if (!get) {
    answer(reply, failure(get.error()));
    return promise;
  }
  auto fresh = fresh_read(self, *get);
  if (!fresh || *fresh) {
    answer(reply, fresh ? Result<Json>{std::move(**fresh)} : failure(fresh.error()));
    return promise;
  }
  ask<SharedList>(self, AskList{cache::question_of(*get)},
                  [self, reply, get = *get](const Result<SharedList>& list) {
                    answer(reply, read_of(self, get, list));
                  });
  return promise;
}

}  // namespace landfall::actors
