#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/cursor_table.hpp"
#include "engine/store/database.hpp"
#include "engine/store/sealer.hpp"
#include "engine/sync/delta_pull.hpp"
#include "tests/engine/store/store_fixture.hpp"

#include <nlohmann/json.hpp>

namespace landfall::pull_test {

// A partition's file with its two keys and ProKure's profile.
struct Partition {
  explicit Partition(std::uint8_t seed = 1);

  // Fails the test when the write fails.
  template <class F>
  auto write(F fn) {
    auto result = database->write("test.write", store::Durability::ordered, std::move(fn));
    if (!result) stop(result.error());
    return result;
  }
  template <class F>
  auto read(F fn) {
    auto result = database->read(std::move(fn));
    if (!result) stop(result.error());
    return std::move(*result);
  }
  [[noreturn]] static void stop(const Error& error);

  void put(const sync::Document& document);
  [[nodiscard]] std::optional<sync::Document> document(const EntityKey& entity);
  [[nodiscard]] std::optional<store::PullCursor> cursor(std::string_view scope);
  // Keys of all rows of `documents`, tombstones included, in order.
  [[nodiscard]] std::vector<EntityKey> stored();
  // Closes the file and opens it again, as after a crash.
  void reopen();

  test::TemporaryDirectory directory;
  SeededSecureRandom random;
  http::RepeatBudget repeats;  // of the device
  store::Sealer documents_key;
  store::Sealer outbox_key;
  Profile profile;
  std::unique_ptr<store::Database> database;
};

[[nodiscard]] Json wire_document(std::string_view type, std::string_view id,
                                 std::int64_t row_version, Json data = Json());
[[nodiscard]] Json wire_tombstone(std::string_view type, std::string_view id,
                                  std::int64_t row_version);
[[nodiscard]] std::string page(std::string_view cursor, bool has_more, std::vector<Json> changes,
                               std::string_view scope = "tier1");

[[nodiscard]] http::Answer ok(std::string body);
[[nodiscard]] http::Answer answered(int status, http::Headers headers = {}, std::string body = {});
[[nodiscard]] http::Answer failed(http::TransportFailure kind);

// DeltaPull on a partition, driven by hand in a time of its own.
struct PullRig : Partition {
  using Partition::Partition;

  // A new machine; what an old one knew in memory is gone.
  sync::PullEffects open();
  // Open, online and logged in: the first page is asked for.
  sync::PullEffects start();
  sync::PullEffects ready(bool reachable, bool authenticated);
  // The scope was pulled to its end, with approval a-1 in version 3.
  void fill();
  // Answers the call that was asked for last.
  sync::PullEffects answer(const http::Answer& answer);
  sync::PullEffects answer(std::uint64_t number, const http::Answer& answer);
  sync::PullEffects refresh(std::vector<EntityKey> entities);
  sync::PullEffects entities(std::vector<sync::EntityOfVerdict> entities);
  sync::PullEffects request();
  sync::PullEffects request_by_user();
  sync::PullEffects wake_after(Duration delay);

  [[nodiscard]] std::int64_t version_of(const EntityKey& entity);  // 0: it is not here
  [[nodiscard]] Json body() const;  // of the call that was asked for last

  Instant now{1'750'000'000'000};
  sync::DocumentOwner owner{"u-1", "t-1"};
  std::optional<sync::DeltaPull> machine;
  std::optional<sync::PullCall> call;

 private:
  sync::PullEffects note(sync::PullEffects effects);
};

}  // namespace landfall::pull_test
