#pragma once

#include <optional>
#include <string>

#include <catch2/catch.hpp>

#include "engine/cache/cache_tiers.hpp"
#include "engine/store/document_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/sync/pull_rig.hpp"

namespace landfall::pull_test {

// Documents of given sizes, stored one a step as the pull machine would, with the tiers kept.
struct TierRig : Partition {
  explicit TierRig(std::uint8_t seed = 1) : Partition(seed) { open(); }

  // A new machine over the same file.
  std::optional<cache::TierFull> open() {
    tiers.emplace(profile);
    return *write([&](store::Transaction& tx) { return tiers->on_open(tx, now); });
  }
  void limit(std::size_t pinned_bytes_max, std::size_t on_demand_bytes_max) {
    profile.limits.tier1_bytes_max = pinned_bytes_max;
    profile.limits.tier2_bytes_max = on_demand_bytes_max;
  }
  // `text_bytes` of content; what a row counts is a little more.
  std::optional<cache::TierFull> store(const std::string& type, const std::string& id,
                                       std::size_t text_bytes) {
    return change({{type, id},
                   ++version,
                   Instant{1},
                   false,
                   R"({"text":")" + std::string(text_bytes, 'x') + R"("})"});
  }
  std::optional<cache::TierFull> remove(const std::string& type, const std::string& id) {
    return change({{type, id}, ++version, Instant{1}, true, "{}"});
  }
  void use(const std::string& type, const std::string& id) {
    now = now + Duration{1};
    tiers->on_used({type, id}, now);
  }

  [[nodiscard]] cache::CacheStatus status() {
    return read(
        [&](const store::Snapshot& snapshot) { return cache::read_status(snapshot, profile); });
  }
  [[nodiscard]] bool has(const EntityKey& entity) { return document(entity).has_value(); }
  [[nodiscard]] std::int64_t bytes_of(const EntityKey& entity) {
    return number(
        "SELECT coalesce(sum(bytes), 0) FROM documents"
        " WHERE entity_type = ?1 AND entity_id = ?2",
        entity.type, entity.id);
  }
  template <class... Values>
  [[nodiscard]] std::int64_t number(std::string_view sql, const Values&... values) {
    return read([&](const store::Snapshot& snapshot) -> Result<std::int64_t> {
      LANDFALL_TRY_ASSIGN(store::Rows rows, snapshot.select(sql, values...));
      LANDFALL_TRY_ASSIGN(const auto found,
                          rows.first([](const store::Rows& row) { return row.integer(0); }));
      return found.value_or(0);
    });
  }
  // What is counted is what stands in the rows.
  void check_sums() {
    const auto counted = status();
    CHECK(counted.pinned.sums.bytes ==
          number("SELECT coalesce(sum(bytes), 0) FROM documents WHERE tier = 1"));
    CHECK(counted.pinned.sums.documents ==
          number("SELECT count(*) FROM documents WHERE tier = 1 AND deleted = 0"));
    CHECK(counted.on_demand.sums.bytes ==
          number("SELECT coalesce(sum(bytes), 0) FROM documents WHERE tier = 2"));
    CHECK(counted.on_demand.sums.documents ==
          number("SELECT count(*) FROM documents WHERE tier = 2 AND deleted = 0"));
    CHECK(counted.beyond.kept == number("SELECT count(*) FROM documents"
                                        " WHERE tier = 2 AND pinned = 1 AND deleted = 0"));
    CHECK(number("SELECT count(*) FROM documents WHERE tier NOT IN (1, 2)") == 0);
    CHECK(number("SELECT count(*) FROM documents WHERE bytes < length(body)") == 0);
  }

  std::optional<cache::CacheTiers> tiers;
  Instant now{1'750'000'000'000};
  std::int64_t version = 0;

 private:
  std::optional<cache::TierFull> change(const sync::Document& document) {
    now = now + Duration{1};
    return *write([&](store::Transaction& tx) -> Result<std::optional<cache::TierFull>> {
      store::Naming naming;
      naming.pinned = cache::is_pinned(profile, document.entity.type, "");
      LANDFALL_TRY(store::put_document(tx, documents_key, document, naming, now));
      return tiers->on_changed(tx, document.entity);
    });
  }
};

}  // namespace landfall::pull_test
