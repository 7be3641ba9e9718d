#include "actors/cache.hpp"

#include <map>
#include <utility>
#include <vector>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/read_through.hpp"
#include "engine/cache/answer_one.hpp"
#include "engine/cache/run_query.hpp"
#include "engine/cache/view_json.hpp"

namespace landfall::actors {
namespace {

using Self = CacheSelf;
using store::Snapshot;

// Nobody waits for what comes of it: what changed is told by events.
template <class Message>
void tell_delta_pull(const CacheState& state, Message message) {
  const auto address = caf::actor_cast<caf::strong_actor_ptr>(state.delta_pull);
  if (address) caf::anon_send(caf::actor_cast<DeltaPullActor>(address), std::move(message));
}

// More than one call has room for are asked for all the same; beyond the puller's own bound they
// are refused whole, and the cache stands.
void ask_server(Self self, std::vector<EntityKey> refresh, bool pull) {
  if (!refresh.empty()) tell_delta_pull(self->state, RefreshDocuments{std::move(refresh)});
  if (pull) tell_delta_pull(self->state, RequestPull{});
}

// --- queries

void query_list(Self self, const cache::Query& query, const Reply& reply) {
  auto& state = self->state;
  auto result = state.store.database->read([&](const Snapshot& snapshot) {
    return cache::run_query(snapshot, state.source(), state.index, query, state.core->now());
  });
  if (!result) return reply->send(failure(result.error()));
  ask_server(self, std::move(result->refresh), result->pull);
  reply->send(std::move(result->reply));
}

Result<cache::OneAnswer> look_at_one(CacheState& state, const cache::Query& query) {
  const Instant now = state.core->now();
  auto& memory = *state.store.memory;
  if (auto answer = cache::answer_from_memory(memory, state.core->profile(), query, now))
    return std::move(*answer);
  const auto before = memory.moment();
  return state.store.database->read([&](const Snapshot& snapshot) {
    return cache::answer_one(snapshot, state.source(), memory, before, query, now);
  });
}

void query_one(Self self, const cache::Query& query, const Reply& reply) {
  auto answer = look_at_one(self->state, query);
  if (!answer) return reply->send(failure(answer.error()));
  if (answer->used) self->state.tell_used(*answer->used);
  ask_server(self, std::move(answer->refresh), false);
  reply->send_text(answer->reply);
}

void query(Self self, const QueryDocuments& question) {
  auto query = cache::parse_query(self->state.core->profile(), *question.params);
  if (!query) return question.reply->send(failure(query.error()));
  if (query->ask) return ask_for_list(self, std::move(*query), question.reply);
  if (query->id) return query_one(self, *query, question.reply);
  query_list(self, *query, question.reply);
}

// Nobody reads here while the app is locked, and nothing is left in clear to be read.
void on_end_subscriptions(Self self, const EndSubscriptions& message) {
  auto& state = self->state;
  state.subscriptions->end_all(message.code);
  state.store.memory->clear();
  state.index.clear();
}

Result<cache::CacheStatus> status(Self self) {
  auto& state = self->state;
  return state.store.database->read([&](const Snapshot& snapshot) {
    return cache::read_status(snapshot, state.core->profile());
  });
}

// --- subscriptions

struct Picture {
  cache::QueryPage page;
  std::uint64_t commit_seq = 0;
};

Result<Picture> look(CacheState& state, const Snapshot& snapshot, const cache::Query& query) {
  LANDFALL_TRY_ASSIGN(auto page, cache::read_page(snapshot, state.source(), state.index, query));
  return Picture{std::move(page), snapshot.commit_seq()};
}

Result<Json> open_subscription(CacheState& state, const SubscribeDocuments& message) {
  LANDFALL_TRY_ASSIGN(cache::Query query,
                      cache::parse_subscription(state.core->profile(), *message.params));
  if (state.subscriptions->is_full()) {
    return failure(ErrorClass::busy, "subscription.too_many",
                   "too many subscriptions are open; close one first");
  }
  state.subscriptions->expect_one_more();
  auto picture = state.store.database->read(
      [&](const Snapshot& snapshot) { return look(state, snapshot, query); });
  if (!picture) {
    state.subscriptions->give_up_expected();
    return failure(picture.error());
  }
  Json documents = Json::array();
  for (const auto& view : picture->page.views) documents.push_back(cache::to_json(view));
  Json reply = {{"subscription", message.subscription},
                {"documents", std::move(documents)},
                {"more", picture->page.next.has_value()},
                {"commit_seq", picture->commit_seq}};
  state.subscriptions->open(message.subscription, std::move(query), picture->page);
  return reply;
}

Status close_subscription(Self self, const UnsubscribeDocuments& message) {
  if (self->state.subscriptions->close(message.subscription)) return {};
  return failure(Error{ErrorClass::invalid, "subscription.unknown",
                       "no subscription of this number is open", "params.subscription"});
}

void on_touched(Self self, const DocumentsTouched& message) {
  auto& touched = self->state.touched;
  if (touched.empty()) self->send(self, LookAtTouched{});
  touched.insert(message.type);
}

// One snapshot for all of them, so that two lists on a screen never disagree.
void look_at_touched(Self self) {
  auto& state = self->state;
  const auto asked = state.subscriptions->of(std::exchange(state.touched, {}));
  if (asked.empty()) return;
  std::map<std::int64_t, Result<Picture>> pictures;
  const auto looked = state.store.database->read([&](const Snapshot& snapshot) -> Status {
    for (const auto& [subscription, query] : asked)
      pictures.emplace(subscription, look(state, snapshot, *query));
    return {};
  });
  for (const auto& [subscription, query] : asked) {
    const auto picture = pictures.find(subscription);
    if (!looked) {
      state.subscriptions->end(subscription, looked.error().code);
    } else if (!picture->second) {
      state.subscriptions->end(subscription, picture->second.error().code);
    } else {
      state.subscriptions->show(subscription, picture->second->page, picture->second->commit_seq);
    }
  }
}

}  // namespace

cache::ViewSource CacheState::source() const {
  return {core->profile(), *store.outbox_key, *store.documents_key};
}

void CacheState::tell_used(const EntityKey& entity) const {
  tell_delta_pull(*this, DocumentUsed{entity});
}

CacheActor::behavior_type cache(Self self, SharedCore core, PartitionStore store,
                                SharedSubscriberCount subscribers) {
  self->state.core = std::move(core);
  self->state.store = std::move(store);
  self->state.subscriptions.emplace(self->state.core->poll_queue, std::move(subscribers));
  return {
      [self](const QueryDocuments& question) { query(self, question); },
      [self](const GetDocument& message) { return get_document(self, message); },
      [self](const GetRead& message) { return get_read(self, message); },
      [self](const ReadCacheStatus&) { return status(self); },
      [self](const SubscribeDocuments& message) {
        message.reply->send(open_subscription(self->state, message));
      },
      [self](const UnsubscribeDocuments& message) { return close_subscription(self, message); },
      [self](const EndSubscriptions& message) { on_end_subscriptions(self, message); },
      [self](const DocumentsTouched& message) { on_touched(self, message); },
      [self](const LookAtTouched&) { look_at_touched(self); },
      [self](const DocumentsComeFrom& message) {
        self->state.delta_pull = caf::actor_cast<caf::weak_actor_ptr>(message.delta_pull);
      },
  };
}

}  // namespace landfall::actors
