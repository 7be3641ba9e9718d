#include "engine/profile/attestation_rules.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/attest/attestation.hpp"
#include "engine/base/json.hpp"
#include "schema/limits.hpp"
#include "tests/engine/unlock/three_apps.hpp"

using namespace landfall;
using namespace landfall::test;
using profile::Attest;

namespace {

// ProKure's rules with signed approvals.
Json signed_profile() {
  Json profile = profile_with(prokure_unlock());
  profile["attestation"] = {{"valid_s", 300}};
  profile["endpoints"]["device_register"]["body"]["attestation_key"] = "${attestation_key}";
  profile["entities"]["approval"]["actions"]["approve"]["attest"] = "signed";
  return profile;
}

// The path of the first mistake; empty when there is none.
std::string mistake(const Json& profile) {
  const auto loaded = Profile::load(dump_json(profile));
  return loaded ? "" : loaded.error().field.value_or("?");
}

}  // namespace

TEST_CASE("an action carries nothing, the bare word, or a signature (C-25)") {
  const Profile shipped = loaded(Json::parse(*schema::profile("prokure")));
  CHECK(shipped.action("approval", "approve")->attest == Attest::flag);
  CHECK(shipped.action("approval", "comment")->attest == Attest::none);
  CHECK_FALSE(shipped.attestation.has_value());
  const Profile profile = loaded(signed_profile());
  CHECK(profile.action("approval", "approve")->attest == Attest::signature);
  CHECK(profile.attestation->valid_for == std::chrono::minutes{5});
  CHECK(profile.attestation->fields.signature == "signature");
}

TEST_CASE("the members of an attestation are called as the profile says (C-25)") {
  Json profile = signed_profile();
  profile["attestation"]["fields"] = {{"signature", "proof"}, {"operation_id", "op"}};
  const auto rules = *loaded(profile).attestation;
  CHECK(rules.fields.signature == "proof");
  CHECK(rules.fields.operation_id == "op");
  CHECK(rules.fields.operation_hash == "hash");
  profile["attestation"]["fields"]["nonce"] = "proof";
  CHECK(mistake(profile) == "attestation.fields.signature");
}

namespace {

// The text of the largest attestation that is ever made under these names.
std::size_t largest_text(const profile::AttestationFields& fields) {
  attest::Attestation largest;
  largest.statement.method = attest::Method::biometric;
  largest.statement.device_id = std::string(36, 'd');
  largest.statement.user_id = std::string(limits::kUserIdBytesMax, 'u');
  largest.statement.at = Instant{1'800'000'000'000};
  largest.statement.elapsed_ms = std::numeric_limits<std::int64_t>::max();
  largest.statement.operations.assign(limits::kAttestedOperationsMax,
                                      attest::attested({OperationId{}, {"", ""}, "", ""}));
  return dump_json(attest::to_json(largest, fields)).size();
}

}  // namespace

TEST_CASE("names that make an attestation too large to hand in are refused (C-25)") {
  Json profile = signed_profile();
  const auto name_ids = [&](std::size_t bytes) {
    profile["attestation"]["fields"]["operation_id"] = std::string(bytes, 'i');
    return mistake(profile);
  };
  std::size_t longest = 0;
  while (longest < limits::kNameBytesMax && name_ids(longest + 1).empty()) ++longest;
  REQUIRE(longest > 0);
  REQUIRE(longest < limits::kNameBytesMax);
  CHECK(name_ids(longest + 1) == "attestation.fields");
  // Neither one that could not be handed in, nor one that could and is refused.
  profile::AttestationFields fields;
  fields.operation_id = std::string(longest, 'i');
  CHECK(largest_text(fields) <= limits::kAttestationBytesMax);
  fields.operation_id += "i";
  CHECK(largest_text(fields) + 8 > limits::kAttestationBytesMax);
  // Also names that are escaped.
  profile["attestation"]["fields"] = {{"operation_id", std::string(longest / 2 + 2, '"')}};
  CHECK(mistake(profile) == "attestation.fields");
}

TEST_CASE("what could not be signed, or whose key nobody would know, is named (C-25)") {
  Json profile = signed_profile();
  SECTION("no rules") {
    profile.erase("attestation");
    CHECK(mistake(profile) == "attestation");
  }
  SECTION("no time") {
    profile["attestation"].erase("valid_s");
    CHECK(mistake(profile) == "attestation.valid_s");
  }
  SECTION("too much time") {
    profile["attestation"]["valid_s"] = 3'601;
    CHECK(mistake(profile) == "attestation.valid_s");
  }
  SECTION("another algorithm") {
    profile["attestation"]["algorithm"] = "rsa";
    CHECK(mistake(profile) == "attestation.algorithm");
  }
  SECTION("a registration that does not say the key") {
    profile["endpoints"]["device_register"]["body"].erase("attestation_key");
    CHECK(mistake(profile) == "endpoints.device_register.body");
  }
  SECTION("no registration") {
    profile.erase("devices");
    CHECK(mistake(profile) == "devices");
  }
  SECTION("nothing to be proven by") {
    profile.erase("unlock");
    CHECK(mistake(profile) == "unlock");
  }
  SECTION("a word that is none") {
    profile["entities"]["approval"]["actions"]["approve"]["attest"] = "maybe";
    CHECK(mistake(profile) == "entities.approval.actions.approve.attest");
  }
}

TEST_CASE("nothing is signed that the server calls otherwise later (C-25, P-80)") {
  Json profile = signed_profile();
  Json& entities = profile["entities"];
  SECTION("the entity itself") {
    entities["pr"]["ids"] = "server";
    entities["pr"]["actions"]["submit"]["attest"] = "signed";
    CHECK(mistake(profile) == "entities.pr.actions.submit.attest");
  }
  SECTION("one that the payload names") {
    entities["pr"]["ids"] = "server";
    entities["approval"]["actions"]["approve"]["payload"]["pr_id"] = {{"type", "string"},
                                                                      {"refers_to", "pr"}};
    CHECK(mistake(profile) == "entities.approval.actions.approve.payload.pr_id.refers_to");
  }
  SECTION("what is made on the server alone keeps its id") {
    REQUIRE(entities["approval"]["ids"] == "server");
    CHECK(mistake(profile).empty());
    const Profile read = loaded(profile);
    CHECK(read.server_names("approval"));
    CHECK_FALSE(read.renames("approval"));
    entities["pr"]["ids"] = "server";
    CHECK(loaded(profile).renames("pr"));
  }
  SECTION("an id of the phone's own making stays") {
    entities["pr"]["actions"]["submit"]["attest"] = "signed";
    entities["approval"]["actions"]["approve"]["payload"]["pr_id"] = {{"type", "string"},
                                                                      {"refers_to", "pr"}};
    CHECK(mistake(profile).empty());
  }
}
