#include <string>
#include <utility>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

using namespace landfall;

namespace {

const std::string kOne(43, 'A');
const std::string kOther = std::string(42, 'A') + "E";

Json pins() {
  return {{"host", "api.example.com"},
          {"sha256", {kOne + "=", kOther + "="}},
          {"expires", "2027-01-31T00:00:00Z"}};
}

Result<Profile> load(const std::string& key, Json section) {
  Json json = Json::parse(*schema::profile("prokure"));
  json[key] = std::move(section);
  return Profile::load(dump_json(json));
}

std::string refused_field(Json trust) {
  const auto loaded = load("trust", std::move(trust));
  return loaded ? "loaded" : loaded.error().field.value_or("");
}

Json with(const char* key, Json value) {
  Json changed = pins();
  changed[key] = std::move(value);
  return {{"pins", Json::array({std::move(changed)})}};
}

}  // namespace

TEST_CASE("NETWORK-2: pins are read with their host, their keys and their end") {
  const auto loaded = load("trust", {{"chain", "host"}, {"pins", Json::array({pins()})}});
  REQUIRE(loaded);
  const auto& trust = loaded->trust;
  CHECK(trust.chain == profile::ChainJudge::host);
  REQUIRE(trust.pins.size() == 1);
  CHECK(trust.pins[0].host == "api.example.com");
  REQUIRE(trust.pins[0].keys.size() == 2);
  CHECK(trust.pins[0].keys[0] == profile::KeyHash{});
  CHECK(trust.pins[0].keys[1].back() == 1);
  CHECK(format_rfc3339(trust.pins[0].expires_at) == "2027-01-31T00:00:00.000Z");
}

TEST_CASE("NETWORK-2: without the section nothing is pinned and the system judges") {
  const auto loaded = Profile::load(*schema::profile("prokure"));
  REQUIRE(loaded);
  CHECK(loaded->trust.pins.empty());
  CHECK(loaded->trust.chain == profile::ChainJudge::system);
}

TEST_CASE("NETWORK-2: pins that would lock everybody out, or mean nothing, are refused by field") {
  CHECK(refused_field(with("sha256", Json::array())) == "trust.pins[0].sha256");
  CHECK(refused_field(with("sha256", {kOne + "="})) == "trust.pins[0].sha256");
  CHECK(refused_field(with("sha256", {kOne + "=", kOne + "="})).starts_with("trust.pins[0].sha2"));
  CHECK(refused_field(with("sha256", {kOne + "=", "AAAA"})) == "trust.pins[0].sha256");
  CHECK(refused_field(with("sha256", {kOne + "=", kOther})) == "trust.pins[0].sha256");
  CHECK(refused_field(with("sha256", {kOne + "=", "sha256/" + kOther + "="})) ==
        "trust.pins[0].sha256");
  CHECK(refused_field(with("expires", nullptr)) == "trust.pins[0].expires");
  CHECK(refused_field(with("expires", "2027-01-31")) == "trust.pins[0].expires");
  CHECK(refused_field(with("host", "https://api.example.com")) == "trust.pins[0].host");
  CHECK(refused_field(with("host", "API.example.com")) == "trust.pins[0].host");
  CHECK(refused_field(with("port", 443)) == "trust.pins[0].port");
  CHECK(refused_field({{"pins", Json::array({pins(), pins()})}}) == "trust.pins");
  CHECK(refused_field({{"chain", "nobody"}}) == "trust.chain");
}

TEST_CASE("NETWORK-1: cleartext is refused when the profile is loaded, but to this machine") {
  const auto field = [](const char* origin) {
    const auto loaded = load("origin", origin);
    return loaded ? std::string{"loaded"} : loaded.error().field.value_or("");
  };
  CHECK(field("http://localhost:8080") == "loaded");
  CHECK(field("http://127.0.0.1:8080") == "loaded");
  CHECK(field("https://api.example.com") == "loaded");
  for (const char* origin :
       {"http://api.example.com", "http://localhost.example.com", "http://127.0.0.1.example.com",
        "http://10.0.2.2:8080", "HTTP://localhost", "ws://localhost",
        "https://user@api.example.com", "https://api.example.com/path", "https://",
        "https://api.example.com:0", "https://\xD0\xB0pi.example.com"}) {
    INFO(origin);
    CHECK(field(origin) == "origin");
  }
}

TEST_CASE("P-19 P-90: a section of devices names an endpoint that can register one") {
  const auto field = [](Json devices, const char* body_field = nullptr) {
    Json json = Json::parse(*schema::profile("prokure"));
    json["devices"] = std::move(devices);
    if (body_field != nullptr)
      json["endpoints"]["device_register"]["body"]["x"] = std::string{"${"} + body_field + "}";
    const auto loaded = Profile::load(dump_json(json));
    return loaded ? std::string{"loaded"} : loaded.error().field.value_or("");
  };
  CHECK(field({{"register", "device_register"}}) == "loaded");
  CHECK(field({{"register", "device_register"}}, "push_token") == "loaded");
  CHECK(field({{"register", "device_register"}}, "password") == "endpoints.device_register.body");
  CHECK(field({{"register", "push"}}) == "endpoints.push.body");
  CHECK(field({{"register", "login"}}) == "devices.register");
  CHECK(field({{"register", "nowhere"}}) == "devices.register");
  CHECK(field({{"max", 3}}) == "devices.register");
  CHECK(field({{"register", "device_register"}, {"max", -1}}) == "devices.max");
}
