#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

// Stands in a payload, in the clear name of an entity, in a document and in the login.
constexpr std::string_view kMarker = "ERASE-ME-4711";

bool holds(const world::Bytes& bytes, std::string_view text) {
  return std::search(bytes.begin(), bytes.end(), text.begin(), text.end()) != bytes.end();
}

// Files of the disk that hold the text, also those that only a power cut would bring back.
std::vector<std::string> files_with(const Rig& rig, std::string_view text) {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : rig.disk_media()) {
    if (holds(bytes, text)) names.push_back(name);
  }
  return names;
}

std::string plant(Rig& rig) {
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{5'000});
  rig.set_online(false);
  Json params = rig.new_requisition();
  params["entity_id"] = std::string(kMarker);
  params["payload"]["title"] = std::string(kMarker);
  REQUIRE(rig.call("operations.enqueue", params).contains("result"));
  return params["id"].get<std::string>();
}

TEST_CASE(
    "INV-X2: an erase needs the number of operations that it gives up, and changes nothing "
    "without") {
  Rig rig;
  (void)plant(rig);
  (void)rig.enqueue_requisition();
  for (const Json& params :
       {Json::object(), Json{{"discard_pending", 1}}, Json{{"discard_pending", 3}}}) {
    const Json refused = rig.call("partition.erase", params);
    INFO(refused.dump());
    CHECK(refused["error"]["code"] == "partition.pending");
    CHECK(refused["error"]["message"].get<std::string>().starts_with("2 operations"));
  }
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.states() == std::map<std::string, int>{{"queued", 2}});
  const Json erased = rig.call("partition.erase", {{"discard_pending", 2}});
  INFO(erased.dump());
  CHECK(erased["result"]["erased"] == 2);
  CHECK(rig.session_status() == "unauthenticated");
  CHECK(rig.call("partition.erase")["error"]["code"] == "partition.none");
}

TEST_CASE("INV-X2: after an erase no file holds what was there, and no key that opens it is left") {
  Rig rig;
  (void)plant(rig);
  const auto user = Rig::user(0);
  REQUIRE_FALSE(files_with(rig, kMarker).empty());
  REQUIRE_FALSE(files_with(rig, user.email).empty());
  REQUIRE(rig.partition_files().size() == 1);
  REQUIRE(rig.call("partition.erase", {{"discard_pending", 1}}).contains("result"));
  CHECK(files_with(rig, kMarker).empty());
  CHECK(files_with(rig, user.email).empty());
  CHECK(rig.partition_files().empty());
  CHECK(rig.keychain().empty());
  rig.close();
  CHECK(files_with(rig, kMarker).empty());
  CHECK(files_with(rig, user.email).empty());

  rig.boot();
  CHECK(rig.session_status() == "unauthenticated");
  rig.set_online(true);
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{10'000});
  CHECK(rig.states().empty());
  CHECK(rig.call("documents.query", {{"type", "approval"}})["result"]["documents"].size() > 0);
}

TEST_CASE("INV-X2: the key goes before the first file") {
  Rig rig;
  (void)plant(rig);
  std::vector<std::string> ports;
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    if (port == "secret.remove") {
      ports.push_back(data["name"].get<std::string>());
      CHECK(rig.partition_files().size() == 1);
    }
    return rig.keychain_answer(port, data);
  });
  REQUIRE(rig.call("partition.erase", {{"discard_pending", 1}}).contains("result"));
  REQUIRE(ports.size() == 3);
  CHECK(ports[0].starts_with("landfall.outbox."));
  CHECK(ports[1].starts_with("landfall.documents."));
  CHECK(ports[2].starts_with("landfall.token."));
}

TEST_CASE("INV-X2: a host that cannot remove a key has another one written over it") {
  Rig rig;
  (void)plant(rig);
  const auto before = rig.keychain();
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    if (port == "secret.remove") return std::nullopt;
    return rig.keychain_answer(port, data);
  });
  const auto asked = rig.ask("partition.erase", {{"discard_pending", 1}});
  rig.settle();
  for (int i = 0; i < 4; ++i) rig.advance(Duration{121'000});
  REQUIRE(rig.replies(asked).size() == 1);
  CHECK(rig.reply(asked).contains("result"));
  for (const auto& [name, value] : rig.keychain()) CHECK(before.at(name) != value);
  CHECK(rig.partition_files().empty());
}

TEST_CASE(
    "INV-X2: an erase that a crash cut short is finished by the next process, before anybody logs "
    "in") {
  std::uint64_t changes = 0;
  {
    Rig rig;
    (void)plant(rig);
    const auto before = rig.disk().io_operations();
    REQUIRE(rig.call("partition.erase", {{"discard_pending", 1}}).contains("result"));
    changes = rig.disk().io_operations() - before;
  }
  REQUIRE(changes > 5);
  for (std::uint64_t at = 0; at < changes; ++at) {
    Rig rig;
    (void)plant(rig);
    INFO("at change " << at << " of " << changes);
    rig.disk().crash_at(rig.disk().io_operations() + at);
    (void)rig.ask("partition.erase", {{"discard_pending", 1}});
    for (int i = 0; i < 400 && !rig.disk().is_dead(); ++i) {
      if (rig.runtime().ready() > 0) rig.step();
      rig.read_messages();
    }
    REQUIRE(rig.disk().is_dead());
    rig.kill();
    rig.boot();
    rig.settle();
    rig.set_online(true);
    const bool kept = !rig.partition_files().empty();
    const bool has_outbox_key =
        std::any_of(rig.keychain().begin(), rig.keychain().end(),
                    [](const auto& entry) { return entry.first.starts_with("landfall.outbox."); });
    CHECK(kept == has_outbox_key);
    if (rig.session_status() != "authenticated") REQUIRE(rig.login().contains("result"));
    rig.advance(Duration{60'000});
    // All or nothing: the operation went out, or is forgotten.
    CHECK(rig.states() ==
          (kept ? std::map<std::string, int>{{"applied", 1}} : std::map<std::string, int>{}));
  }
}

}  // namespace
}  // namespace landfall::testing
