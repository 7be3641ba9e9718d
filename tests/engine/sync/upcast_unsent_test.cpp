#include "engine/sync/upcast_unsent.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/store/counter_table.hpp"
#include "engine/store/transaction.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::sync;

namespace {

// The app is updated: its next start finds what the version before accepted.
struct Updated : QueueWorld {
  Updated() { store_document(kPo, 7); }

  void count(int number, const std::string& payload,
             const std::optional<std::string>& attestation = std::nullopt) {
    EnqueueRequest made = request(number, kPo, "count");
    made.payload = payload;
    made.attestation = attestation;
    REQUIRE(try_enqueue(made).has_value());
  }
  void update_app() {
    auto& action = profile.entities.at("po").actions.at("count");
    action.schema = 2;
    profile::Upcast upcast;
    upcast.rename.emplace("qty", "quantity");
    action.upcasts.emplace(1, upcast);
    reopen();
    go_online();
  }
};

}  // namespace

TEST_CASE("what an older app accepted and never sent goes in the form of today") {
  Updated world;
  world.count(1, R"({"qty":5})");
  const auto bytes_before = world.counter(store::kOutboxBytes);
  world.update_app();
  const Json sent = items_of(world.sends({1})).front();
  CHECK(sent.at("payload") == Json{{"quantity", 5}});
  CHECK(sent.at("schema") == 2);
  CHECK(world.counter(store::kOutboxBytes) == bytes_before + 5);
  SECTION("and its host may hand the old words in again") {
    world.count(1, R"({"qty":5})");
    CHECK(world.all().size() == 1);
  }
}

TEST_CASE("INV-Q2 C-21 what was sent keeps its bytes, under an older schema too") {
  Updated world;
  world.count(1, R"({"qty":5})");
  world.go_online();
  const PushCall before = world.sends({1});
  const std::string bytes = bytes_of(before, 1);
  world.answer(before, lost(http::TransportFailure::silent));
  world.update_app();
  world.pass(5'000);
  CHECK(bytes_of(world.sends({1}), 1) == bytes);
}

TEST_CASE("what is attested keeps the words that it was attested over") {
  Updated world;
  world.count(1, R"({"qty":5})", R"({"biometric_verified":true})");
  world.update_app();
  const Json sent = items_of(world.sends({1})).front();
  CHECK(sent.at("payload") == Json{{"qty", 5}});
  CHECK(sent.at("schema") == 1);
}
