#include "engine/attest/acceptance.hpp"

#include <optional>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "schema/limits.hpp"
#include "tests/engine/attest/attest_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using attest::Attestor;
using attest::Statement;

namespace {

constexpr std::int64_t kValidMs = 300'000;

profile::AttestationRules rules() {
  profile::AttestationRules rules;
  rules.valid_for = Duration{kValidMs};
  return rules;
}

// Whoever holds this phone, so long behind the proof.
Attestor attestor(std::int64_t later_ms = 0) {
  return {"d-1", "u-1", attest::public_half(seed(1)), 60'000 + later_ms};
}

std::string text_of(const Statement& statement, int key = 1) {
  return dump_json(attest::to_json(attest::make(statement, seed(key)), rules().fields));
}

// The code of the refusal; empty: it is accepted.
std::string refusal(const attest::Decision& decision, const std::optional<std::string>& proof,
                    const std::optional<Attestor>& by = attestor()) {
  const Status accepted = attest::may_accept(rules(), decision, proof, by);
  if (accepted) return "";
  CHECK(accepted.error().field == "attestation");
  return accepted.error().code;
}

constexpr const char* kInvalid = "operation.attestation_invalid";

}  // namespace

TEST_CASE("a proof is good for each of the decisions that it names (C-25, P-55)") {
  const std::string proof = text_of(statement_of({decided(1), decided(2)}));
  CHECK(refusal(decided(1), proof).empty());
  CHECK(refusal(decided(2), proof).empty());
  CHECK(refusal(decided(3), proof) == kInvalid);
}

TEST_CASE("a statement covers what it names, in the very words (C-25)") {
  auto statement = statement_of({decided(1), decided(2)});
  CHECK(attest::covers(statement, decided(2)));
  CHECK_FALSE(attest::covers(statement, decided(3)));
  auto other = decided(2);
  other.payload = "{}";
  CHECK_FALSE(attest::covers(statement, other));
  // Another one's hash under its id is none.
  statement.operations[1].hash = statement.operations[0].hash;
  CHECK_FALSE(attest::covers(statement, decided(2)));
}

TEST_CASE("without a proof the action is named (C-25)") {
  const Status refused = attest::may_accept(rules(), decided(1), std::nullopt, attestor());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == "operation.attestation_required");
  CHECK(refused.error().message.find("approve") != std::string::npos);
}

TEST_CASE("other words than those that were proven are not accepted (C-25)") {
  const std::string proof = text_of(statement_of({decided(1)}));
  auto other = decided(1);
  SECTION("payload") { other.payload = "{}"; }
  SECTION("action") { other.action = "reject"; }
  SECTION("entity") { other.entity.id = "A-2"; }
  CHECK(refusal(other, proof) == kInvalid);
}

TEST_CASE("a proof of another key, user or phone is none here (C-25)") {
  auto statement = statement_of({decided(1)});
  CHECK(refusal(decided(1), text_of(statement, 2)) == kInvalid);
  CHECK(refusal(decided(1), text_of(statement), std::nullopt) == kInvalid);
  SECTION("user") { statement.user_id = "u-2"; }
  SECTION("phone") { statement.device_id = "d-2"; }
  CHECK(refusal(decided(1), text_of(statement)) == kInvalid);
}

TEST_CASE("the app's word is that its user was looked at, and nothing else (P-58)") {
  const auto refusal_of = [](const std::optional<std::string>& word) -> std::string {
    const Status accepted = attest::may_accept_word(rules().fields, decided(1), word);
    if (accepted) return "";
    CHECK(accepted.error().field == "attestation");
    return accepted.error().code;
  };
  CHECK(refusal_of(R"({"biometric_verified":true,"more":1})").empty());
  CHECK(refusal_of(std::nullopt) == "operation.attestation_required");
  for (const char* word : {R"({"biometric_verified":false})", R"({"biometric_verified":1})",
                           R"({"verified":true})", "{}", "[true]", "true", "", "{"})
    CHECK(refusal_of(word) == kInvalid);
}

TEST_CASE("a proof that was altered is none (C-25)") {
  Json proof = Json::parse(text_of(statement_of({decided(1)})));
  proof["attested_at"] = "2026-01-01T00:00:00.000Z";
  CHECK(refusal(decided(1), dump_json(proof)) == kInvalid);
  CHECK(refusal(decided(1), "{\"biometric_verified\":true}") == kInvalid);
}

TEST_CASE("a text that is no attestation is an invalid one, whatever is wrong with it (C-25)") {
  CHECK(refusal(decided(1), "") == kInvalid);
  CHECK(refusal(decided(1), "{\"version\":") == kInvalid);
  CHECK(refusal(decided(1), "[1]") == kInvalid);
  CHECK(refusal(decided(1), std::string(10'000, '[')) == kInvalid);
  Json large = Json::parse(text_of(statement_of({decided(1)})));
  large["more"] = std::string(limits::kAttestationBytesMax, 'x');
  CHECK(refusal(decided(1), dump_json(large)) == kInvalid);
}

TEST_CASE(
    "a proof is good for as long as the profile says, by no clock that is set (C-25, INV-A9)") {
  const std::string proof = text_of(statement_of({decided(1)}));
  CHECK(refusal(decided(1), proof, attestor(kValidMs)).empty());
  CHECK(refusal(decided(1), proof, attestor(kValidMs + 1)) == kInvalid);
  CHECK(refusal(decided(1), proof, attestor(-1)) == kInvalid);
}
