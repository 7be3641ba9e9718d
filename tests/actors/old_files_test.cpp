#include <map>
#include <span>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/store/page_checksums.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"
#include "tests/actors/rig.hpp"
#include "tests/engine/store/plain_database.hpp"

namespace landfall::testing {
namespace {

constexpr int kOperations = 20;
constexpr const char* kDevice = "/phone/device.db";

// In place of a closed file, what the version before checksums had.
void make_old(Rig& rig, const std::string& path, std::span<const schema::Migration> migrations) {
  const std::string vfs = rig.disk().vfs_name();
  const std::string old = "/desk" + path;
  test::write_without_checksums(path, old, vfs, migrations);
  rig.disk().write_file(path, *rig.disk().read_file(old));
  REQUIRE(store::lacks_checksums(path, vfs));
}

// Logged in and offline with some operations, and then the app's update: its files are old.
std::vector<std::string> leave_old_files(Rig& rig) {
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{5'000});
  rig.set_online(false);
  std::vector<std::string> ids;
  for (int i = 0; i < kOperations; ++i) ids.push_back(rig.enqueue_requisition());
  rig.close();
  make_old(rig, rig.partition_files().front(), schema::partition_migrations().first(7));
  make_old(rig, kDevice, schema::device_migrations().first(1));
  return ids;
}

TEST_CASE(
    "INV-Q1: an update finds who was logged in, every operation and every document in files from "
    "before checksums, and gives them some") {
  Rig rig;
  const auto ids = leave_old_files(rig);
  rig.boot();
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.events("store.corrupt").empty());
  CHECK(rig.states() == std::map<std::string, int>{{"queued", kOperations}});
  const Json found = rig.call("documents.query", {{"type", "approval"}});
  CHECK(found["result"]["documents"].size() > 0);
  for (const std::string& path : {std::string{kDevice}, rig.partition_files().front()})
    CHECK_FALSE(store::lacks_checksums(path, rig.disk().vfs_name()));
  rig.set_online(true);
  rig.advance(Duration{300'000});
  for (const auto& id : ids) CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE(
    "INV-S3: with 0 bytes free old files open by the room of the ballast, and what they hold goes "
    "out") {
  Rig rig;
  const auto ids = leave_old_files(rig);
  rig.disk().limit(rig.disk().used_bytes());
  rig.boot();
  rig.set_online(true);
  rig.advance(Duration{600'000});
  INFO(Json(rig.events("session.status")).dump() << Json(rig.events("engine.state")).dump());
  CHECK(rig.engine_state() == "ready");
  CHECK(rig.states() == std::map<std::string, int>{{"applied", kOperations}});
  for (const auto& id : ids) CHECK(rig.backend().ledger().effect_count(id) == 1);
  rig.disk().limit(std::nullopt);
  rig.close();
  rig.boot();
  CHECK_FALSE(store::lacks_checksums(rig.partition_files().front(), rig.disk().vfs_name()));
  CHECK(rig.events("store.corrupt").empty());
}

}  // namespace
}  // namespace landfall::testing
