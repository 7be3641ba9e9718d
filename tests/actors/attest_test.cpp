#include <optional>
#include <string>
#include <utility>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "actors/unlock_board.hpp"
#include "engine/attest/attestation.hpp"
#include "simulator/net/profile_routes.hpp"
#include "tests/actors/rig.hpp"
#include "tests/engine/unlock/three_apps.hpp"

namespace landfall::testing {
namespace {

constexpr const char* kPin = "481629";
constexpr const char* kWrong = "481628";

Json plain_profile() {
  Json unlock = test::prokure_unlock();
  unlock["pin"]["kdf"] = {{"memory_kib", 8}, {"passes", 1}};
  return test::profile_with(unlock);
}

Json signed_profile() {
  Json profile = plain_profile();
  profile["attestation"] = {{"valid_s", 300}};
  profile["endpoints"]["device_register"]["body"]["attestation_key"] = "${attestation_key}";
  profile["entities"]["approval"]["actions"]["approve"]["attest"] = "signed";
  return profile;
}

// Somebody with a PIN, an app that signs, and a server that checks.
struct SignedRig : Rig {
  explicit SignedRig(const Json& first = signed_profile())
      : Rig(net::options_for(test::loaded(signed_profile()))) {
    set_profile(first);
    boot();
    REQUIRE(login().contains("result"));
    REQUIRE(call("unlock.set_pin", {{"pin", kPin}}).contains("result"));
    advance(Duration{10'000});
  }

  // An approval of the user's, as the params of an enqueue.
  Json approve(const std::string& action = "approve", Json payload = Json::object()) {
    const Json views = call("documents.query", {{"type", "approval"}});
    REQUIRE(views["result"]["documents"].size() > 0);
    return {{"id", make_id()},
            {"entity_type", "approval"},
            {"entity_id", views["result"]["documents"][0]["entity_id"]},
            {"action", action},
            {"payload", std::move(payload)}};
  }
  Json attest(const Json& operation, const std::optional<std::string>& pin = kPin) {
    Json params{{"operations", Json::array({operation})}};
    if (pin) params["pin"] = *pin;
    return call("operations.attest", params);
  }
  Json enqueue(Json operation, const Json& attestation) {
    operation["attestation"] = attestation;
    return call("operations.enqueue", operation);
  }
};

std::string error_of(const Json& reply) {
  return reply.contains("error") ? reply["error"]["code"].get<std::string>() : "";
}

TEST_CASE(
    "a decision is proven by PIN without a network, and taken by a server that checks (P-58)") {
  SignedRig rig;
  rig.set_online(false);
  const Json operation = rig.approve("approve", {{"comment", "Agreed"}});
  CHECK(error_of(rig.call("operations.enqueue", operation)) == "operation.attestation_required");
  const Json proven = rig.attest(operation)["result"];
  REQUIRE(proven.contains("attestation"));
  CHECK(proven["locked"] == false);
  CHECK(proven["attestation"]["method"] == "pin");
  CHECK(proven["attestation"]["biometric_verified"] == false);
  REQUIRE(rig.enqueue(operation, proven["attestation"]).contains("result"));
  CHECK(rig.states() == std::map<std::string, int>{{"queued", 1}});
  rig.set_online(true);
  rig.advance(Duration{60'000});
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
  CHECK(rig.backend().ledger().effect_count(operation["id"]) == 1);
}

TEST_CASE("a wrong PIN signs nothing and is counted like any other (C-25, INV-A8)") {
  SignedRig rig;
  const Json operation = rig.approve();
  for (int failures = 1; failures <= 5; ++failures) {
    const Json wrong = rig.attest(operation, kWrong)["result"];
    CHECK(wrong["code"] == "pin.wrong");
    CHECK_FALSE(wrong.contains("attestation"));
    CHECK(wrong["pin"]["failures"] == failures);
  }
  CHECK(error_of(rig.attest(operation)) == "pin.wait");
}

TEST_CASE("a look signs, and one that was called off does not (C-25)") {
  SignedRig rig;
  std::string look = "good";
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    if (port == "biometric.read" && look != "good") return Json{{"status", look}};
    return rig.keychain_answer(port, data);
  });
  const Json operation = rig.approve();
  CHECK(error_of(rig.attest(operation, std::nullopt)) == "biometric.not_enrolled");
  REQUIRE(rig.call("unlock.biometric_enrol")["result"]["biometric"]["enrolled"] == true);
  look = "cancelled";
  const Json cancelled = rig.attest(operation, std::nullopt)["result"];
  CHECK(cancelled["code"] == "biometric.cancelled");
  CHECK_FALSE(cancelled.contains("attestation"));
  look = "good";
  const Json proven = rig.attest(operation, std::nullopt)["result"];
  REQUIRE(proven.contains("attestation"));
  CHECK(proven["attestation"]["method"] == "biometric");
  CHECK(proven["attestation"]["biometric_verified"] == true);
  REQUIRE(rig.enqueue(operation, proven["attestation"]).contains("result"));
}

TEST_CASE("nobody signs in front of a closed app (C-25)") {
  SignedRig rig;
  const Json operation = rig.approve();
  REQUIRE(rig.call("unlock.lock")["result"]["locked"] == true);
  CHECK(error_of(rig.attest(operation)) == "session.locked");
}

TEST_CASE("a proof is worth nothing once its key is gone, and to nobody else (C-25)") {
  SignedRig rig;
  const Json operation = rig.approve();
  const Json proof = rig.attest(operation)["result"]["attestation"];
  SECTION("the PIN was taken away and set anew") {
    REQUIRE(rig.call("unlock.remove", {{"what", "pin"}}).contains("result"));
    CHECK(error_of(rig.enqueue(operation, proof)) == "operation.attestation_invalid");
    REQUIRE(rig.call("unlock.set_pin", {{"pin", kPin}}).contains("result"));
  }
  SECTION("it is too old, in the next process too") {
    rig.kill();
    rig.boot();
    REQUIRE(rig.call("unlock.pin", {{"pin", kPin}})["result"]["locked"] == false);
    rig.advance(Duration{301'000});
  }
  CHECK(error_of(rig.enqueue(operation, proof)) == "operation.attestation_invalid");
}

TEST_CASE("who may sign is known to those whose user it is, and to nobody else (C-25, INV-A13)") {
  actors::UnlockBoard board;
  const Instant told_at{1'000};
  board.set_attestor(attest::Attestor{"d-1", "u-1", {}, 60'000}, told_at);
  const auto own = board.attestor("u-1", told_at + Duration{250});
  REQUIRE(own);
  CHECK(own->user_id == "u-1");
  CHECK(own->elapsed_ms == 60'250);
  CHECK_FALSE(board.attestor("u-2", told_at));
  CHECK_FALSE(board.attestor("", told_at));
  board.set_attestor(std::nullopt, told_at);
  CHECK_FALSE(board.attestor("u-1", told_at));
}

TEST_CASE("a PIN from before the app signed anything has its key at the first proof (C-25)") {
  SignedRig rig(plain_profile());
  rig.kill();
  rig.set_profile(signed_profile());
  rig.boot();
  REQUIRE(rig.call("unlock.pin", {{"pin", kPin}})["result"]["locked"] == false);
  const Json operation = rig.approve();
  const Json proof = rig.attest(operation)["result"]["attestation"];
  REQUIRE(rig.enqueue(operation, proof).contains("result"));
  rig.advance(Duration{60'000});
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
}

TEST_CASE("where the profile wants the bare word, a proof gives that (C-25)") {
  SignedRig rig;
  const Json operation = rig.approve("reject", {{"comment", "Far too expensive."}});
  CHECK(rig.attest(operation)["result"]["attestation"] == Json{{"biometric_verified", true}});
  const Json unwanted = rig.attest(rig.approve("comment", {{"comment", "Why?"}}));
  CHECK(error_of(unwanted) == "attestation.not_wanted");
  CHECK(unwanted["error"]["field"] == "params.operations[0].action");
  const Json short_comment = rig.attest(rig.approve("reject", {{"comment", "no"}}));
  CHECK(error_of(short_comment) == "operation.invalid");
}

}  // namespace
}  // namespace landfall::testing
