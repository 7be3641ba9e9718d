#include <string>
#include <utility>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

using namespace landfall;

namespace {

Result<Profile> load_with(Json http) {
  Json json = Json::parse(*schema::profile("prokure"));
  json["http"] = std::move(http);
  return Profile::load(dump_json(json));
}

std::string refused_field(Json http) {
  const auto loaded = load_with(std::move(http));
  return loaded ? "loaded" : loaded.error().field.value_or("");
}

}  // namespace

TEST_CASE("http: requests go compressed where the profile says so, and in no shipped one") {
  for (const char* name : {"prokure", "almafrica", "ims"}) {
    const auto shipped = Profile::load(*schema::profile(name));
    REQUIRE(shipped);
    CHECK_FALSE(shipped->http.compress_requests);
  }
  const auto loaded = load_with({{"compress_requests", "gzip"}, {"compress_bytes_min", 64}});
  REQUIRE(loaded);
  CHECK(loaded->http.compress_requests);
  CHECK(loaded->http.compress_bytes_min == 64);
  CHECK(load_with({{"compress_requests", "none"}})->http.compress_requests == false);
}

TEST_CASE("http: HTTP/2 is spoken where the profile says so, and in no shipped one") {
  for (const char* name : {"prokure", "almafrica", "ims"})
    CHECK(Profile::load(*schema::profile(name))->http.version == profile::HttpVersion::http_1_1);
  CHECK(load_with({{"version", "2"}})->http.version == profile::HttpVersion::http_2);
  CHECK(load_with({{"version", "1.1"}})->http.version == profile::HttpVersion::http_1_1);
}

TEST_CASE("http: what makes no sense is refused by its name") {
  CHECK(refused_field({{"compress_requests", "br"}}) == "http.compress_requests");
  CHECK(refused_field({{"compress_bytes_min", 0}}) == "http.compress_bytes_min");
  CHECK(refused_field({{"version", "3"}}) == "http.version");
  CHECK(refused_field({{"version", 2}}) == "http.version");
  CHECK(refused_field({{"compress_answers", "gzip"}}) == "http.compress_answers");
}
