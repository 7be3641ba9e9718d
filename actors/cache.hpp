#pragma once

#include "actors/cache_messages.hpp"
#include "actors/core.hpp"
#include "actors/delta_pull_messages.hpp"

namespace landfall::actors {

// Answers queries from a read connection: it never waits for a commit, and never holds one up.
struct CacheState {
  const char* name = "cache";
  SharedCore core;
  PartitionStore store;
  DeltaPullActor delta_pull;  // told what was looked at; it owns the documents
};

CacheActor::behavior_type cache(CacheActor::stateful_pointer<CacheState> self, SharedCore core,
                                PartitionStore store, DeltaPullActor delta_pull);

}  // namespace landfall::actors
