#pragma once

#include <optional>
#include <set>
#include <string>

#include <caf/actor_control_block.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/cache_messages.hpp"
#include "actors/core.hpp"
#include "actors/subscriptions.hpp"
#include "engine/cache/run_query.hpp"
#include "engine/cache/summary_index.hpp"

namespace landfall::actors {

// Answers queries from a read connection: it never waits for a commit, and never holds one up.
// Queries that stay open are answered anew once all that was touched by then is committed.
struct CacheState {
  const char* name = "cache";
  SharedCore core;
  PartitionStore store;
  cache::SummaryIndex index;
  std::optional<Subscriptions> subscriptions;
  std::set<std::string> touched;   // types that changed since they were looked at
  caf::weak_actor_ptr delta_pull;  // told what was looked at; it owns the documents

  [[nodiscard]] cache::ViewSource source() const;
  void tell_used(const EntityKey& entity) const;
};

// Its own name keeps the interface out of the names of its handlers.
struct CacheInstance final : CacheActor::stateful_base<CacheState> {
  using stateful_actor::stateful_actor;
};
using CacheSelf = CacheInstance*;

CacheActor::behavior_type cache(CacheSelf self, SharedCore core, PartitionStore store,
                                SharedSubscriberCount subscribers);

}  // namespace landfall::actors
