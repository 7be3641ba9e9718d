#include "actors/cache.hpp"

#include <utility>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "engine/cache/query.hpp"

namespace landfall::actors {
namespace {

using Self = CacheActor::stateful_pointer<CacheState>;

Result<SharedJson> query(Self self, const QueryDocuments& question) {
  auto& state = self->state;
  LANDFALL_TRY_ASSIGN(const cache::Query query, cache::parse_query(*question.params));
  auto result = state.store.database->read([&](const store::Snapshot& snapshot) {
    return cache::run_query(snapshot, state.core->profile(), *state.store.outbox_key,
                            *state.store.documents_key, query);
  });
  if (!result) return failure(result.error());
  // A list is no use of all its rows; who opens one document uses it.
  if (query.id && !(*result)["documents"].empty())
    self->send(state.delta_pull, DocumentUsed{{query.type, *query.id}});
  return std::make_shared<const Json>(std::move(*result));
}

Result<cache::CacheStatus> status(Self self) {
  auto& state = self->state;
  return state.store.database->read([&](const store::Snapshot& snapshot) {
    return cache::read_status(snapshot, state.core->profile());
  });
}

}  // namespace

CacheActor::behavior_type cache(Self self, SharedCore core, PartitionStore store,
                                DeltaPullActor delta_pull) {
  self->state.core = std::move(core);
  self->state.store = std::move(store);
  self->state.delta_pull = std::move(delta_pull);
  return {
      [self](const QueryDocuments& question) { return query(self, question); },
      [self](const ReadCacheStatus&) { return status(self); },
  };
}

}  // namespace landfall::actors
