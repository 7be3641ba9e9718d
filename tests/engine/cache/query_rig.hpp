#pragma once

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/cache/run_query.hpp"
#include "engine/store/transaction.hpp"
#include "tests/engine/sync/pull_rig.hpp"

namespace landfall::pull_test {

// Partition::put stores at the first millisecond of all time; a query is a second later.
inline constexpr Instant kAsked{1'001};

inline Result<cache::QueryAnswer> try_answer(Partition& partition, cache::SummaryIndex& index,
                                             const Json& params, Instant now = kAsked) {
  LANDFALL_TRY_ASSIGN(const auto query, cache::parse_query(partition.profile, params));
  return partition.database->read([&](const store::Snapshot& snapshot) {
    return cache::run_query(snapshot,
                            {partition.profile, partition.outbox_key, partition.documents_key},
                            index, query, now);
  });
}

inline Result<Json> try_query(Partition& partition, cache::SummaryIndex& index,
                              const Json& params) {
  LANDFALL_TRY_ASSIGN(auto answer, try_answer(partition, index, params));
  return std::move(answer.reply);
}

inline Result<Json> try_query(Partition& partition, const Json& params) {
  cache::SummaryIndex index;
  return try_query(partition, index, params);
}

inline Json query(Partition& partition, cache::SummaryIndex& index, const Json& params) {
  auto reply = try_query(partition, index, params);
  if (!reply) Partition::stop(reply.error());
  return std::move(*reply);
}

inline Json query(Partition& partition, const Json& params) {
  cache::SummaryIndex index;
  return query(partition, index, params);
}

inline std::vector<std::string> ids_of(const Json& reply) {
  std::vector<std::string> ids;
  for (const Json& document : reply.at("documents")) ids.push_back(document.at("entity_id"));
  return ids;
}

// Of params that ProKure's profile does not allow.
inline Error error_of(const Json& params) {
  static const Partition partition;
  const auto parsed = cache::parse_query(partition.profile, params);
  REQUIRE_FALSE(parsed);
  return parsed.error();
}

}  // namespace landfall::pull_test
