#include <cstdint>
#include <string>

#include <catch2/catch.hpp>

#include "engine/attest/attestation.hpp"
#include "tests/engine/attest/attest_fixture.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;

namespace {

constexpr std::int64_t kProvenMs = 60'000;

Profile signed_profile() {
  Profile profile = test_profile();
  profile.attestation.emplace().valid_for = Duration{300'000};
  for (const char* action : {"comment", "approve"})
    profile.entities.at("approval").actions.at(action).attest = profile::Attest::signature;
  profile.entities.at("approval").actions.at("comment").coalesce = profile::Coalesce::merge;
  return profile;
}

// Somebody who has proven who they are a moment ago.
struct SignedWorld : QueueWorld {
  SignedWorld() : QueueWorld(signed_profile()) {
    store_document(kApproval, 7);
    later(0);
  }

  void later(std::int64_t ms) {
    attestor = attest::Attestor{"d-1", "u-1", attest::public_half(seed(1)), kProvenMs + ms};
  }
  [[nodiscard]] sync::EnqueueRequest attested(int number, const std::string& action,
                                              const std::string& payload = "{}") const {
    auto wanted = request(number, kApproval, action);
    wanted.payload = payload;
    const auto statement =
        statement_of({{wanted.id, wanted.entity, wanted.action, wanted.payload}});
    wanted.attestation =
        dump_json(attest::to_json(attest::make(statement, seed(1)), profile.attestation->fields));
    return wanted;
  }
  [[nodiscard]] std::string refusal(const sync::EnqueueRequest& wanted) {
    const auto count = all().size();
    const auto accepted = try_enqueue(wanted);
    if (accepted) return "";
    CHECK(accepted.error().field == "attestation");
    CHECK(all().size() == count);
    return accepted.error().code;
  }
};

}  // namespace

TEST_CASE("an action that wants a signature is accepted with one, and goes with it (C-25, P-58)") {
  SignedWorld world;
  const auto request = world.attested(1, "approve", R"({"comment":"Agreed"})");
  CHECK(world.refusal(request).empty());
  world.pass(24 * 3'600'000);
  world.go_online();
  const Json sent = items_of(world.sends({1})).front();
  CHECK(sent.at("attestation") == Json::parse(*request.attestation));
  CHECK(sent.at("payload") == Json{{"comment", "Agreed"}});
}

TEST_CASE("without a signature, or with another's, nothing is written (C-25)") {
  SignedWorld world;
  auto request = world.request(1, kApproval, "approve");
  CHECK(world.refusal(request) == "operation.attestation_required");
  request = world.attested(1, "approve");
  request.payload = R"({"comment":"Something else"})";
  CHECK(world.refusal(request) == "operation.attestation_invalid");
  world.later(300'001);
  CHECK(world.refusal(world.attested(1, "approve")) == "operation.attestation_invalid");
  world.attestor.reset();
  CHECK(world.refusal(world.attested(1, "approve")) == "operation.attestation_invalid");
  CHECK(world.all().empty());
}

TEST_CASE(
    "what was accepted is acknowledged again, however old its proof is by now (C-25, INV-Q1)") {
  SignedWorld world;
  const auto request = world.attested(1, "approve");
  CHECK(world.refusal(request).empty());
  world.later(24 * 3'600'000);
  const auto again = world.try_enqueue(request);
  REQUIRE(again.has_value());
  CHECK(again->repeated);
}

TEST_CASE("two that are attested stay two, with the words that each was proven for (C-25)") {
  SignedWorld world;
  CHECK(world.refusal(world.attested(1, "comment", R"({"a":1})")).empty());
  CHECK(world.refusal(world.attested(2, "comment", R"({"b":2})")).empty());
  CHECK(world.state(1) == "queued");
  CHECK(world.state(2) == "queued");
}

TEST_CASE(
    "an action that asks for the app's word is accepted with it alone, however it goes (P-58)") {
  SignedWorld world;
  world.profile.entities.at("approval").actions.at("reject").attest = profile::Attest::flag;
  auto request = world.request(1, kApproval, "reject");
  request.payload = R"({"comment":"Far too expensive."})";
  request.attestation.reset();
  CHECK(world.refusal(request) == "operation.attestation_required");
  request.attestation = R"({"biometric_verified":false})";
  CHECK(world.refusal(request) == "operation.attestation_invalid");
  request.attestation = R"({"biometric_verified":true})";
  CHECK(world.refusal(request).empty());
  world.pass(24 * 3'600'000);
  world.go_online();
  CHECK(items_of(world.sends({1})).front().at("attestation") == Json{{"biometric_verified", true}});
}

TEST_CASE("a word that nobody asked for is taken as it is (C-25)") {
  SignedWorld world;
  auto request = world.request(1, kApproval, "reject");
  request.payload = R"({"comment":"Far too expensive."})";
  request.attestation = R"({"biometric_verified":true})";
  CHECK(world.refusal(request).empty());
}
