#include "simulator/oracles/sealed_at_rest.hpp"

#include <memory>
#include <string_view>

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

constexpr const char* kFile = "/phone/device.db";

void write(world::MemoryDisk& disk, const std::string& name, std::string_view text) {
  const world::Bytes bytes(text.begin(), text.end());
  disk.write_file(name, bytes);
}

struct Phone {
  world::MemoryDisk disk{[random = std::make_shared<Random>(7)] { return random->next(); }};
  oracles::SealedAtRest oracle;
  oracles::Needles keys;

  Phone() {
    oracle.add_secret("a password", "correct horse battery");
    oracle.add_content(Json{{"comment", "looks right to me"}, {"id", "approval-000017"}});
    keys.add("a key", "kZ3Vb0nD9sQ2xW7yT1uR5pL8");
  }
  std::vector<std::string> with(const std::string& text) {
    write(disk, kFile, "some bytes in front of " + text + " and behind");
    return oracle.examine(disk, keys);
  }
};

}  // namespace

TEST_CASE("INV-X1 oracle: what is sealed, and the names of things, may stand there") {
  Phone phone;
  CHECK(phone.with("approval-000017 queued 4711").empty());
}

TEST_CASE("INV-X1 oracle: a secret in a file is named in every way of writing it down") {
  Phone phone;
  const std::string found = std::string(kFile) + ": a password";
  const auto text = GENERATE(
      as<std::string>{}, "correct horse battery", "correct%20horse%20battery",
      "636f727265637420686f7273652062617474657279", "636F727265637420686F7273652062617474657279",
      // The same at each place in a group of three.
      "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5",
      "eGNvcnJlY3QgaG9yc2UgYmF0dGVyeQ==", "eHhjb3JyZWN0IGhvcnNlIGJhdHRlcnk=");
  const auto problems = phone.with(text);
  INFO(text);
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().starts_with(found));
  CHECK(problems.front().find("horse") == std::string::npos);
}

TEST_CASE("INV-X1 oracle: UTF-16, what users write, keys, and bytes that were written over count") {
  Phone phone;
  std::string wide;
  for (const char c : std::string("correct horse battery")) {
    wide += c;
    wide += '\0';
  }
  CHECK(phone.with(wide).size() == 1);
  CHECK(phone.with("looks right to me").size() == 1);
  CHECK(phone.with("kZ3Vb0nD9sQ2xW7yT1uR5pL8").size() == 1);
}

TEST_CASE("INV-X1 oracle: a token in an event is named once, and not what it is") {
  oracles::Stage stage;
  oracles::SealedAtRest oracle;
  stage.watch(oracle);
  stage.send(stage.routes().push, Json::object(),
             {{"Authorization", "Bearer token-of-the-session-0001"}});
  stage.world.observe_event(stage.phone, "session.status", Json{{"status", "authenticated"}});
  CHECK(stage.violations("INV-X1").empty());
  for (int i = 0; i < 2; ++i) {
    stage.world.observe_event(stage.phone, "session.status",
                              Json{{"status", "token-of-the-session-0001"}});
  }
  const auto found = stage.violations("INV-X1");
  REQUIRE(found.size() == 1);
  CHECK(found.front().find("0001") == std::string::npos);
}

TEST_CASE("INV-X1 oracle: a token that came and was never used, and one of a finger, count") {
  oracles::Stage stage;
  oracles::SealedAtRest oracle;
  stage.watch(oracle);
  stage.answer(stage.send(stage.routes().login), 200,
               Json{{"accessToken", "token-that-nobody-used-0001"},
                    {"refreshToken", "token-that-nobody-used-0002"}});
  stage.answer(stage.send(stage.routes().biometric_register), 200,
               Json{{"biometricToken", "token-that-nobody-used-0003"}});
  const std::string text = GENERATE("token-that-nobody-used-0001", "token-that-nobody-used-0002",
                                    "token-that-nobody-used-0003");
  stage.world.observe_event(stage.phone, "pull.failed", Json{{"message", "it was " + text}});
  CHECK(stage.violations("INV-X1").size() == 1);
}
