#include "engine/host/incoming.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"

using namespace landfall;

namespace {

host::Request request_of(const std::string& text) {
  auto incoming = host::parse_incoming(text);
  if (!incoming) FAIL(incoming.error().error.message);
  REQUIRE(std::holds_alternative<host::Request>(*incoming));
  return std::get<host::Request>(*incoming);
}

host::Answer answer_of(const std::string& text) {
  auto incoming = host::parse_incoming(text);
  if (!incoming) FAIL(incoming.error().error.message);
  REQUIRE(std::holds_alternative<host::Answer>(*incoming));
  return std::get<host::Answer>(*incoming);
}

Error refusal_of(const std::string& text) {
  const auto incoming = host::parse_incoming(text);
  REQUIRE_FALSE(incoming.has_value());
  return incoming.error().error;
}

const std::vector<std::string>& valid_texts() {
  static const std::vector<std::string> texts = {
      R"({"id":1,"request":"engine.status"})",
      R"({"id":2,"request":"network.hint","params":{"up":true,"metered":false}})",
      R"({"id":3,"request":"session.login","params":{"email":"a@b.c","password":"\u00e9"}})",
      R"({"id":4,"request":"operations.enqueue","params":{"id":"0190a5b0-7e4c-7c3a-9d1e-2f3a4b5c6d7e",)"
      R"("entity_type":"po","entity_id":"1","action":"approve","payload":{"x":[1,2.5,null]}}})",
      R"({"id":5,"request":"documents.refresh","params":{"entities":[{"entity_type":"po","entity_id":"1"}]}})",
      R"({"answer":6,"result":{"status":"value","value":"AAAA"}})",
      R"({"answer":7,"error":{"code":"keychain.broken","message":"no"}})",
  };
  return texts;
}

// What a text is worth: exactly one of a message and a refusal with a code.
void check_one_outcome(const std::string& text) {
  const auto incoming = host::parse_incoming(text);
  if (incoming) {
    if (const auto* request = std::get_if<host::Request>(&*incoming)) {
      REQUIRE(request->params != nullptr);
      REQUIRE(request->params->is_object());
    }
    return;
  }
  const Error& error = incoming.error().error;
  REQUIRE_FALSE(error.code.empty());
  REQUIRE(error.code.find('.') != std::string::npos);
  REQUIRE(error.message.size() <= 2 * kQuotedInputBytesMax);
  REQUIRE(error.kind == ErrorClass::invalid);
  // The message goes out as JSON: it must hold printable ASCII only, whatever came in.
  for (const char c : error.message + error.field.value_or("")) REQUIRE((c >= 0x20 && c < 0x7f));
}

}  // namespace

TEST_CASE("a request carries its id, its name and its params") {
  const host::Request request = request_of(valid_texts()[1]);
  CHECK(request.id == 2);
  CHECK(request.name == "network.hint");
  CHECK(*request.params == Json{{"up", true}, {"metered", false}});
  CHECK(request_of(valid_texts()[0]).params->empty());
}

TEST_CASE("an answer carries a result, or the host's error as one of ours") {
  const host::Answer value = answer_of(valid_texts()[5]);
  CHECK(value.question == 6);
  REQUIRE(value.result.has_value());
  CHECK((**value.result)["value"] == "AAAA");

  const host::Answer error = answer_of(valid_texts()[6]);
  REQUIRE_FALSE(error.result.has_value());
  CHECK(error.result.error().code == "keychain.broken");
  CHECK(error.result.error().kind == ErrorClass::transient);
}

TEST_CASE("a host's error without a usable code still is an error") {
  for (const char* error :
       {"{}", R"({"code":7})", R"({"code":""})", R"({"code":null,"message":[]})"}) {
    INFO(error);
    const host::Answer answer = answer_of(std::string{R"({"answer":1,"error":)"} + error + "}");
    REQUIRE_FALSE(answer.result.has_value());
    CHECK(answer.result.error().code == "port.failed");
  }
}

TEST_CASE("a host's error code is escaped and cut") {
  const std::string code = std::string(1'000, 'x') + "\\n";
  const host::Answer answer = answer_of(R"({"answer":1,"error":{"code":")" + code + R"("}})");
  CHECK(answer.result.error().code.size() <= 64);
}

TEST_CASE("a refusal keeps the request's id as soon as it could be read") {
  const auto refused = host::parse_incoming(R"({"id":-5,"request":"no.such"})");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reply == -5);
  CHECK_FALSE(host::parse_incoming(R"({"id":5,"request":)").error().reply.has_value());
}

TEST_CASE("a refusal never repeats what stood in a secret field") {
  const std::string secret = "hunter2-hunter2";
  const std::vector<std::string> texts = {
      R"({"id":1,"request":"session.login","params":{"password":[")" + secret + R"("]}})",
      R"({"id":1,"request":"session.login","params":{"password":")" + secret + R"(","emial":"x"}})",
      R"({"id":1,"request":"session.login","params":{"password":")" + secret,
  };
  for (const auto& text : texts) {
    const Error error = refusal_of(text);
    CHECK(error.message.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("of two equal keys the last one counts") {
  CHECK(request_of(R"({"id":1,"id":2,"request":"engine.status"})").id == 2);
}

TEST_CASE("a byte order mark is skipped; a zero byte is refused") {
  CHECK(request_of("\xEF\xBB\xBF" + valid_texts()[0]).id == 1);
  CHECK(refusal_of(std::string{R"({"id":1,"request":"engine.st)"} + '\0' + "\"}").code ==
        "json.invalid");
}

TEST_CASE("a hundred thousand levels are refused without recursion") {
  const Error error = refusal_of(std::string(100'000, '['));
  CHECK(error.code == "json.too_deep");
  CHECK(error.offset == 64);
}

TEST_CASE("random bytes never crash and give exactly one refusal or message") {
  Random random{20'260};
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random.below(80), '\0');
    for (char& c : text) c = static_cast<char>(random.below(256));
    check_one_outcome(text);
  }
}

TEST_CASE("valid texts with a few bytes changed, cut or doubled give exactly one outcome") {
  Random random{20'261};
  constexpr std::string_view kSigns = R"({}[]":,\0129truefalsn.eE-+ )";
  for (int round = 0; round < 40'000; ++round) {
    std::string text = valid_texts()[random.below(valid_texts().size())];
    for (auto changes = random.between(1, 4); changes > 0; --changes) {
      const std::size_t at = random.below(text.size());
      switch (random.below(4)) {
        case 0:
          text[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          text[at] = kSigns[random.below(kSigns.size())];
          break;
        case 2:
          text.erase(at, random.below(8) + 1);
          break;
        default:
          text.insert(at, text.substr(at, random.below(16)));
      }
      if (text.empty()) break;
    }
    check_one_outcome(text);
  }
}
