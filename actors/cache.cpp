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
  return std::make_shared<const Json>(std::move(*result));
}

}  // namespace

CacheActor::behavior_type cache(Self self, SharedCore core, PartitionStore store) {
  self->state.core = std::move(core);
  self->state.store = std::move(store);
  return {
      [self](const QueryDocuments& question) { return query(self, question); },
  };
}

}  // namespace landfall::actors
