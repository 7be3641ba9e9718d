#include <optional>
#include <span>
#include <string>

#include <catch2/catch.hpp>

#include "engine/base/base64.hpp"
#include "engine/store/base_table.hpp"
#include "engine/store/database.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/sealer.hpp"
#include "schema/embedded.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

// What was kept beside an operation, read from the file of a phone that is switched off.
std::optional<store::Base> base_of(Rig& rig, const std::string& operation) {
  const std::string path = rig.partition_files().at(0);
  store::OpenOptions options;
  options.path = path;
  options.vfs = rig.disk().vfs_name();
  options.migrations = schema::partition_migrations();
  auto database = store::Database::open(std::move(options));
  REQUIRE(database);
  std::optional<std::vector<std::byte>> bytes;
  for (const auto& [name, value] : rig.keychain()) {
    if (name.starts_with("landfall.outbox.")) bytes = from_base64(value);
  }
  REQUIRE(bytes);
  LibsodiumRandom random;
  const store::Sealer key{store::SecretKey{std::span<const std::byte, store::kSecretKeyBytes>(
                              bytes->data(), store::kSecretKeyBytes)},
                          1, random};
  const auto id = *parse_id<OperationId>(operation);
  auto base =
      (*database)->read([&](const store::Snapshot& snapshot) -> Result<std::optional<store::Base>> {
        LANDFALL_TRY_ASSIGN(const auto found, store::OperationTable::find(snapshot, id));
        return store::BaseTable::find(snapshot, key, found->seq, id);
      });
  REQUIRE(base);
  return *base;
}

Json decision(Rig& rig, const Json& document) {
  return Json{{"id", rig.make_id()},
              {"entity_type", "approval"},
              {"entity_id", document["entity_id"]},
              {"action", "approve"},
              {"attestation", {{"biometric_verified", true}}},
              {"payload", {{"comment", "looks right"}}}};
}

TEST_CASE(
    "an enqueue keeps the document that the user acted on when the operation stands on its "
    "version, and no other") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{5'000});
  rig.set_online(false);
  const Json view = rig.call("documents.query", {{"type", "approval"}});
  const Json documents = view["result"]["documents"];
  REQUIRE(documents.size() >= 3);

  const Json plain = decision(rig, documents[0]);
  REQUIRE(rig.call("operations.enqueue", plain).contains("result"));
  // The user saw a version that is not the one stored here.
  Json other = decision(rig, documents[1]);
  other["base_version"] = documents[1]["row_version"].get<std::int64_t>() + 7;
  REQUIRE(rig.call("operations.enqueue", other).contains("result"));
  // Made on top of an operation: that one is what it stands on.
  const Json on_top = decision(rig, documents[0]);
  REQUIRE(rig.call("operations.enqueue", on_top).contains("result"));
  const std::string created = rig.enqueue_requisition();
  rig.close();

  const auto base = base_of(rig, plain["id"]);
  REQUIRE(base);
  CHECK(base->row_version == documents[0]["row_version"].get<std::int64_t>());
  CHECK(Json::parse(base->data) == documents[0]["data"]);
  CHECK_FALSE(base_of(rig, other["id"]));
  CHECK_FALSE(base_of(rig, on_top["id"]));
  CHECK_FALSE(base_of(rig, created));
}

}  // namespace
}  // namespace landfall::testing
