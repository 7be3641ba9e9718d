#include "engine/notify/push_payload.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/limits.hpp"

using namespace landfall;
using namespace landfall::notify;

namespace {

constexpr Instant kNow{1'767'583'800'000};

PushPayload read(const char* text) {
  const auto push = parse_push(Json::parse(text), kNow);
  REQUIRE(push);
  return *push;
}

}  // namespace

TEST_CASE("P-36 P-37 P-38: a push is read from FCM's data and from APNs' envelope alike") {
  const auto fcm = read(R"({"data":{"type":"APPROVAL_PENDING","notification_id":"n-1","id":"a-7",
      "user_id":"u-1","tenant_id":"t-1"},"notification":{"title":"Approval","body":"waits"}})");
  const auto apns = read(R"({"aps":{"alert":{"title":"Approval","body":"waits"},"badge":3},
      "type":"APPROVAL_PENDING","notification_id":"n-1","id":"a-7","user_id":"u-1",
      "tenant_id":"t-1"})");
  for (const auto& push : {fcm, apns}) {
    CHECK(push.type == "APPROVAL_PENDING");
    CHECK(push.id == "n-1");
    CHECK_FALSE(push.is_id_made);
    CHECK(push.user_id == "u-1");
    CHECK(push.organisation == "t-1");
    CHECK(push.title == "Approval");
    CHECK(push.body == "waits");
    CHECK(push.values.at("id") == "a-7");
    CHECK_FALSE(push.expires_at);
  }
}

TEST_CASE("P-36: an alert that is one text is the title; the app's own text wins") {
  CHECK(read(R"({"aps":{"alert":"Hello"}})").title == "Hello");
  CHECK(read(R"({"aps":{"alert":"Hello"}})").body.empty());
  CHECK(read(R"({"data":{"title":"Own"},"notification":{"title":"Other"}})").title == "Own");
}

TEST_CASE("INV-T2: without a name of its own a push is named by the platform, else by its words") {
  CHECK(read(R"({"data":{"type":"X"},"google.message_id":"0:17"})").id == "0:17");
  CHECK(read(R"({"gcm.message_id":17})").id == "17");
  const auto first = read(R"({"type":"X","title":"a"})");
  CHECK(first.is_id_made);
  CHECK(first.id == read(R"({"title":"a","type":"X"})").id);
  CHECK(first.id != read(R"({"type":"X","title":"b"})").id);
}

TEST_CASE("INV-T2: a push expires at a time, or so many seconds after it came") {
  CHECK(read(R"({"expires_at":"2026-01-05T04:30:00Z"})").expires_at == kNow + Duration{3'600'000});
  CHECK(read(R"({"ttl_s":60})").expires_at == kNow + Duration{60'000});
  CHECK(read(R"({"data":{"ttl_s":"60"}})").expires_at == kNow + Duration{60'000});
  CHECK(read(R"({"ttl_s":9223372036854775807})").expires_at > kNow);
  for (const char* bad : {R"({"ttl_s":-1})", R"({"ttl_s":"soon"})", R"({"ttl_s":1.5})",
                          R"({"expires_at":"tomorrow"})", R"({"expires_at":17})"}) {
    INFO(bad);
    CHECK_FALSE(read(bad).expires_at);
  }
}

TEST_CASE("F-PUSH: what makes no sense inside counts as absent, but an odd owner is nobody") {
  const auto push = read(R"({"data":{"type":{"a":1},"notification_id":[],"id":{},"title":7,
      "user_id":{"$ne":""},"code":"x","count":3,"ratio":0.5,"flag":true}})");
  CHECK(push.type.empty());
  CHECK(push.is_id_made);
  CHECK(push.title.empty());
  CHECK(push.user_id == "");
  CHECK(push.values == profile::Variables{{"code", "x"}, {"count", "3"}, {"title", "7"}});
  Json long_id{{"type", "X"}, {"id", std::string(limits::kEntityIdBytesMax + 1, 'i')}};
  CHECK_FALSE(parse_push(long_id, kNow)->values.contains("id"));
}

TEST_CASE("F-PUSH: what is no object or too large is refused whole") {
  for (const char* bad : {"[]", "\"x\"", "7", "null"}) {
    const auto push = parse_push(Json::parse(bad), kNow);
    REQUIRE_FALSE(push);
    CHECK(push.error().code == "push.invalid");
  }
  Json large{{"title", std::string(limits::kPushPayloadBytesMax - 12, 'x')}};
  REQUIRE(dump_json(large).size() == limits::kPushPayloadBytesMax);
  CHECK(parse_push(large, kNow));
  large["title"] = std::string(limits::kPushPayloadBytesMax - 11, 'x');
  REQUIRE_FALSE(parse_push(large, kNow));
  CHECK(parse_push(large, kNow).error().code == "push.too_large");
}
