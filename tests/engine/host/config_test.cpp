#include "engine/host/config.hpp"

#include <functional>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/base/random.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"

using namespace landfall;

namespace {

Json config() {
  return {{"directory", "/data/app"}, {"profile", "prokure"},  {"app_version", "2.4.0"},
          {"platform", "IOS"},        {"os_version", "17.1"},  {"device_name", "Asha's phone"},
          {"locale", "en-IN"},        {"zone", "Asia/Kolkata"}};
}

void check_refused(const std::function<void(Json&)>& change, const std::string& code,
                   const std::string& field) {
  Json changed = config();
  change(changed);
  const auto parsed = host::parse_config(changed.dump());
  REQUIRE_FALSE(parsed.has_value());
  INFO(parsed.error().message);
  CHECK(parsed.error().code == code);
  CHECK(parsed.error().field.value_or("") == field);
}

}  // namespace

TEST_CASE("P-100: a config that fits is read whole") {
  const auto parsed = host::parse_config(config().dump());
  if (!parsed) FAIL(parsed.error().message);
  CHECK(parsed->directory == "/data/app");
  CHECK(parsed->app_version == "2.4.0");
  CHECK(parsed->platform == "IOS");
  CHECK(parsed->os_version == "17.1");
  CHECK(parsed->device_name == "Asha's phone");
  CHECK(parsed->locale == "en-IN");
  CHECK(parsed->zone == "Asia/Kolkata");
  REQUIRE(parsed->profile != nullptr);
  CHECK(parsed->profile->name == "prokure");
}

TEST_CASE("every field of a config is needed and is text of a bounded length") {
  for (const char* key : {"directory", "profile", "app_version", "platform", "os_version",
                          "device_name", "locale", "zone"}) {
    check_refused([&](Json& c) { c.erase(key); }, "config.missing", key);
    check_refused([&](Json& c) { c[key] = nullptr; }, "config.missing", key);
    check_refused([&](Json& c) { c[key] = 7; }, "config.value", key);
    check_refused([&](Json& c) { c[key] = ""; }, "config.value", key);
    check_refused([&](Json& c) { c[key] = std::string(5'000, 'x'); }, "config.value", key);
  }
}

TEST_CASE("what becomes a header or a path has no control character") {
  for (const char* key :
       {"directory", "app_version", "os_version", "device_name", "locale", "zone"}) {
    check_refused([&](Json& c) { c[key] = "/a\r\nX-Evil: 1"; }, "config.value", key);
    check_refused([&](Json& c) { c[key] = std::string("/a\0b", 4); }, "config.value", key);
  }
}

TEST_CASE("a key that a config does not have is named, escaped") {
  check_refused([](Json& c) { c["directroy"] = "/x"; }, "config.unknown_key", "directroy");
  check_refused([](Json& c) { c["a\"b"] = "/x"; }, "config.unknown_key", "a\\x22b");
}

TEST_CASE("a profile of the host's own is checked like a shipped one, below its key") {
  Json own = config();
  own["profile"] = Json::parse(schema::profile("prokure").value());
  own["profile"]["name"] = "staging";
  const auto parsed = host::parse_config(own.dump());
  if (!parsed) FAIL(parsed.error().message);
  CHECK(parsed->profile->name == "staging");

  check_refused([](Json& c) { c["profile"] = Json::object(); }, "profile.missing", "profile.name");
  check_refused(
      [&](Json& c) {
        c["profile"] = own["profile"];
        c["profile"]["sync"]["colour"] = 1;
      },
      "profile.unknown_key", "profile.sync.colour");
}

TEST_CASE("another origin replaces the profile's; cleartext only to this device") {
  Json other = config();
  other["origin"] = "http://127.0.0.1:8080";
  const auto parsed = host::parse_config(other.dump());
  if (!parsed) FAIL(parsed.error().message);
  CHECK(parsed->profile->origin == "http://127.0.0.1:8080");

  check_refused([](Json& c) { c["origin"] = "http://prokure.example"; }, "config.value", "origin");
  check_refused([](Json& c) { c["origin"] = 7; }, "config.value", "origin");
}

TEST_CASE("a config is one JSON object of bounded size and depth") {
  CHECK(host::parse_config("").error().code == "json.invalid");
  CHECK(host::parse_config("[1]").error().code == "config.value");
  CHECK(host::parse_config(std::string(65, '[')).error().code == "json.too_deep");
  CHECK(host::parse_config(std::string(limits::kRequestJsonBytesMax + 1, ' ')).error().code ==
        "json.too_large");
}

TEST_CASE("a config with bytes changed is read or refused, never worse") {
  Random random{4'711};
  const std::string good = config().dump();
  for (int round = 0; round < 3'000; ++round) {
    std::string text = good;
    for (auto changes = random.between(1, 3); changes > 0; --changes) {
      text[random.below(text.size())] = static_cast<char>(random.below(256));
    }
    const auto parsed = host::parse_config(text);
    if (!parsed) REQUIRE_FALSE(parsed.error().code.empty());
  }
}
