#include "engine/attest/attestation.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "tests/engine/attest/attest_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using attest::Attestation;
using attest::Method;
using attest::Statement;

namespace {

const profile::AttestationFields kFields;

// Any text that can stand in a JSON document, with what has to be escaped in it.
std::string any_text() {
  return *rc::gen::container<std::string>(
      rc::gen::element('a', 'Z', '0', '"', '\\', '\n', '\t', '[', ',', ']', '\x01', '\x7f'));
}

Statement any_statement() {
  Statement statement;
  statement.method = *rc::gen::element(Method::pin, Method::biometric);
  statement.device_id = any_text();
  statement.user_id = any_text();
  statement.at = Instant{*rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000)};
  statement.elapsed_ms = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000);
  for (auto& byte : statement.nonce) byte = std::byte(*rc::gen::arbitrary<std::uint8_t>());
  const int count = *rc::gen::inRange(1, 21);
  for (int i = 0; i < count; ++i) {
    auto decision = decided(i);
    decision.entity.id = any_text();
    statement.operations.push_back(attest::attested(decision));
  }
  return statement;
}

// The same statement but for one word of it.
Statement changed(Statement statement, int what) {
  switch (what) {
    case 0:
      statement.method = statement.method == Method::pin ? Method::biometric : Method::pin;
      break;
    case 1:
      statement.device_id += "x";
      break;
    case 2:
      statement.user_id += "x";
      break;
    case 3:
      statement.at = statement.at + Duration{1};
      break;
    case 4:
      ++statement.elapsed_ms;
      break;
    case 5:
      statement.nonce[0] ^= std::byte{1};
      break;
    case 6:
      statement.operations.push_back(attest::attested(decided(99)));
      break;
    case 7:
      statement.operations.front().hash[0] =
          statement.operations.front().hash[0] == '0' ? '1' : '0';
      break;
    default:
      statement.operations.front().id = attested_id(98);
      break;
  }
  return statement;
}

}  // namespace

TEST_CASE("the signed bytes stand as a server has to build them (C-25)") {
  Statement statement;
  statement.method = Method::biometric;
  statement.device_id = "d\"1";
  statement.user_id = "u";
  statement.at = Instant{1'767'254'400'250};
  statement.elapsed_ms = 7;
  statement.operations = {attest::attested(decided(1))};
  CHECK(attest::canonical(statement) ==
        R"(["landfall.attestation.1","d\"1","u","biometric","2026-01-01T08:00:00.250Z",7,)"
        R"("AAAAAAAAAAAAAAAAAAAAAA==",[["00000000-0000-0000-0000-000000000001",")" +
            statement.operations.front().hash + R"("]]])");
}

TEST_CASE("a decision's hash is one of all its words (C-25)") {
  const auto decision = decided(1);
  // Made with another tool: sha256 of the array, with the payload's own sha256 in it.
  CHECK(attest::attested(decision).hash ==
        "326405f17e953dab3ab71c0534f0225d0617faaf22106dd30fb5ed96704b83be");
  auto other = decision;
  SECTION("the entity") { other.entity.id = "A-2"; }
  SECTION("its type") { other.entity.type = "pr"; }
  SECTION("the action") { other.action = "reject"; }
  SECTION("the payload") { other.payload = R"({"comment":"agreed"})"; }
  SECTION("the operation") { other.id = attested_id(2); }
  CHECK(attest::attested(other).hash != attest::attested(decision).hash);
}

TEST_CASE("no two statements have the same bytes, and a signature is for one of them (C-25)") {
  CHECK(rc::check([] {
    const Statement statement = any_statement();
    const Statement other = changed(statement, *rc::gen::inRange(0, 9));
    RC_ASSERT(attest::canonical(statement) != attest::canonical(other));
    Attestation made = attest::make(statement, seed(1));
    RC_ASSERT(attest::is_sound(made));
    made.statement = other;
    RC_ASSERT(!attest::is_sound(made));
  }));
}

TEST_CASE("what travels is read back as it was, under any names (C-25)") {
  profile::AttestationFields renamed;
  renamed.at = "time";
  renamed.operation_id = "op";
  CHECK(rc::check([&] {
    const Attestation made = attest::make(any_statement(), seed(1));
    const auto& fields = *rc::gen::element(&kFields, &renamed);
    // Over the wire and back.
    const Json sent = Json::parse(dump_json(attest::to_json(made, *fields)));
    const auto read = attest::from_json(sent, *fields);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == made);
    RC_ASSERT(attest::is_sound(*read));
  }));
}

TEST_CASE("whatever stands in the place of a member, it is no attestation and no crash (C-25)") {
  const Json good = attest::to_json(attest::make(statement_of({decided(1)}), seed(1)), kFields);
  for (const auto& [key, value] : good.items()) {
    if (key == kFields.verified) continue;
    for (const Json& bad : {Json(), Json(7.5), Json(-1.5), Json("x"), Json::array(),
                            Json::array({7}), Json::object(), Json(true)}) {
      INFO(key << " " << bad.dump());
      Json wrong = good;
      wrong[key] = bad;
      // A name may be any text; then the signature does not fit.
      const auto read = attest::from_json(wrong, kFields);
      if (read) CHECK_FALSE(attest::is_sound(*read));
      if (!read) CHECK(read.error().code == "operation.attestation_invalid");
    }
    Json without = good;
    without.erase(key);
    CHECK_FALSE(attest::from_json(without, kFields).has_value());
  }
  CHECK_FALSE(attest::from_json(Json("x"), kFields).has_value());
  Json more = good;
  for (int i = 0; i < 21; ++i) more[kFields.operations].push_back(good[kFields.operations][0]);
  CHECK_FALSE(attest::from_json(more, kFields).has_value());
}

TEST_CASE("the bare word says nothing but itself (C-25)") {
  CHECK(attest::flag_json(kFields) == Json{{"biometric_verified", true}});
}
