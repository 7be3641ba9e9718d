#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "schema/limits.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using namespace std::chrono_literals;

// A rig whose host knows zones and has a screen. The rig's clock begins at some instant; `go_to`
// brings it to a time of day in Kolkata, where it is 5:30 hours later than in UTC.
struct Phone {
  Phone() {
    rig.set_port([this](const std::string& port, const Json& data) { return answer(port, data); });
    rig.boot();
    REQUIRE(rig.login(0).contains("result"));
    rig.advance(2s);
  }

  std::optional<Json> answer(const std::string& port, const Json& data) {
    if (port == "zone.read") {
      ++zone_questions;
      if (!knows_zone) return no_zone;
      return Json{{"name", data["name"]}, {"offset_s", offset_s}};
    }
    if (port != "notification.show") return rig.keychain_answer(port, data);
    shown.push_back(data);
    if (!answers_show) return std::nullopt;
    return Json::object();
  }

  void go_to(int hour, int minute) {
    const std::int64_t day = 86'400'000;
    const std::int64_t wanted = (hour * 60 + minute - 330) * 60'000LL;
    const std::int64_t ahead = (wanted - rig.clock().now().unix_ms) % day;
    rig.advance(Duration{ahead < 0 ? ahead + day : ahead});
  }
  Json push(const char* type, const std::string& id) {
    const Json reply = rig.call(
        "push.received",
        {{"payload",
          {{"type", type}, {"notification_id", id}, {"id", "a-7"}, {"title", "t " + id}}}});
    INFO(reply.dump());
    REQUIRE(reply.contains("result"));
    return reply["result"];
  }
  [[nodiscard]] std::vector<std::string> shown_ids() const {
    std::vector<std::string> ids;
    for (const auto& data : shown) ids.push_back(data["id"]);
    return ids;
  }
  Json settings() { return rig.call("notifications.settings")["result"]; }

  Rig rig;
  std::vector<Json> shown;  // what the host was asked to show
  bool answers_show = true;
  bool knows_zone = true;
  Json no_zone = Json::object();  // what it answers instead
  std::int64_t offset_s = 19'800;
  int zone_questions = 0;
};

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("P-39 P-42: a push by day is decided durably and shown, with all that the host needs") {
  Phone phone;
  phone.go_to(12, 0);
  const Json decided = phone.push("APPROVAL_PENDING", "n-1");
  CHECK(decided["decision"] == "show");
  CHECK(decided["channel"] == "prokure_approvals");
  CHECK(decided["id"] == "n-1");
  CHECK_FALSE(decided["why"].get<std::string>().empty());
  REQUIRE(phone.shown.size() == 1);
  Json show = phone.shown.front();
  show.erase("received_at");
  CHECK(show == Json{{"id", "n-1"},
                     {"type", "APPROVAL_PENDING"},
                     {"channel", "prokure_approvals"},
                     {"priority", "high"},
                     {"sound", "default"},
                     {"title", "t n-1"},
                     {"body", ""},
                     {"deep_link", "/approvals/a-7"},
                     {"again", false}});
  CHECK(phone.push("APPROVAL_PENDING", "n-1")["reason"] == "duplicate");
  CHECK(phone.shown.size() == 1);
  CHECK(phone.zone_questions == 1);
}

TEST_CASE("INV-T2: what is held at night is delivered once in the morning of the device's zone") {
  Phone phone;
  phone.go_to(23, 0);
  const Json decided = phone.push("KPI_ALERT", "n-1");
  CHECK(decided["decision"] == "hold");
  CHECK(decided["until"].get<std::string>().ends_with("T01:30:00.000Z"));
  phone.go_to(6, 59);
  CHECK(phone.shown.empty());
  CHECK(phone.settings()["waiting"] == 1);
  CHECK(phone.settings()["quiet"] == true);
  phone.go_to(7, 1);
  CHECK(phone.shown_ids() == Ids{"n-1"});
  phone.rig.advance(24h);
  CHECK(phone.shown_ids() == Ids{"n-1"});
  CHECK(phone.settings()["waiting"] == 0);
}

TEST_CASE("INV-T2: a kill at any point neither loses what is held nor rings twice") {
  Phone phone;
  phone.go_to(23, 0);
  phone.push("KPI_ALERT", "n-1");
  phone.rig.kill();
  phone.rig.boot();
  phone.answers_show = false;  // it shows, and dies before its answer arrives
  phone.go_to(7, 1);
  REQUIRE(phone.shown_ids() == Ids{"n-1"});
  CHECK(phone.shown.back()["again"] == false);
  phone.rig.kill();
  phone.answers_show = true;
  phone.rig.boot();
  phone.rig.advance(1s);
  REQUIRE(phone.shown_ids() == Ids{"n-1", "n-1"});
  CHECK(phone.shown.back()["again"] == true);
  phone.rig.kill();
  phone.rig.boot();
  phone.rig.advance(1h);
  CHECK(phone.shown.size() == 2);
}

TEST_CASE("INV-T2: a host that stays silent is asked again, and may answer late") {
  Phone phone;
  phone.go_to(12, 0);
  phone.answers_show = false;
  phone.push("KPI_ALERT", "n-1");
  phone.answers_show = true;
  phone.rig.advance(Duration{limits::kQuestionTimeoutMs} + Duration{limits::kShowRetryMs} + 1s);
  REQUIRE(phone.shown.size() == 2);
  CHECK(phone.shown.back()["again"] == true);
  phone.rig.advance(2h);
  CHECK(phone.shown.size() == 2);
}

TEST_CASE("INV-T2: somebody who travels hears of it when their new zone's quiet hours are over") {
  Phone phone;
  phone.go_to(23, 0);
  phone.push("KPI_ALERT", "n-1");
  phone.offset_s = 0;  // it is 17:30 there
  CHECK(phone.rig.call("zone.changed").contains("result"));
  CHECK(phone.shown_ids() == Ids{"n-1"});
  CHECK(phone.zone_questions == 2);
}

TEST_CASE("INV-T1: a host that knows no zone leaves the engine with UTC, which it is told") {
  Phone phone;
  phone.knows_zone = false;
  phone.go_to(23, 0);  // 17:30 in UTC
  CHECK(phone.push("KPI_ALERT", "n-1")["decision"] == "show");
  REQUIRE(phone.rig.events("zone.unknown").size() == 1);
  CHECK(phone.rig.events("zone.unknown").front()["used"] == "UTC");
  phone.push("KPI_ALERT", "n-2");
  CHECK(phone.zone_questions == 1);
  phone.knows_zone = true;
  phone.rig.advance(Duration{limits::kZoneRetryMs});
  CHECK(phone.push("KPI_ALERT", "n-3")["decision"] == "hold");
}

TEST_CASE("Clock / zone: what is no zone leaves the engine with UTC, which the host is told") {
  Phone phone;
  phone.knows_zone = false;
  phone.no_zone = GENERATE(
      Json{{"name", nullptr}, {"offset_s", 19'800}}, Json{{"name", "Mars/Olympus"}},
      Json{{"name", "Asia/Kolkata"}, {"offset_s", nullptr}},
      Json{{"name", "Asia/Kolkata"}, {"offset_s", 90'000}},
      Json{{"name", "Asia/Kolkata"}, {"offset_s", 19'800}, {"transitions", "every summer"}});
  INFO(phone.no_zone.dump());
  phone.go_to(23, 0);  // 17:30 in UTC
  CHECK(phone.push("KPI_ALERT", "n-1")["decision"] == "show");
  REQUIRE(phone.rig.events("zone.unknown").size() == 1);
  CHECK(phone.rig.events("zone.unknown").front()["used"] == "UTC");
  CHECK(phone.settings()["zone"] == "UTC");
}

TEST_CASE("P-45 P-76: what the user changes in the settings holds at once, also offline") {
  Phone phone;
  phone.go_to(23, 0);
  phone.push("KPI_ALERT", "n-1");
  phone.push("DELIVERY_UPDATE", "n-2");
  phone.rig.set_online(false);
  const Json settings{{"quiet_hours_start", "00:00"},
                      {"quiet_hours_end", "00:00"},
                      {"notification_channels", {{"DELIVERY_UPDATE", false}}}};
  const Json reply =
      phone.rig.call("operations.enqueue", {{"id", phone.rig.make_id()},
                                            {"entity_type", "user_profile"},
                                            {"entity_id", Rig::user(0).id},
                                            {"action", "update"},
                                            {"payload", {{"mobile_settings", settings}}}});
  REQUIRE(reply.contains("result"));
  CHECK(phone.shown_ids() == Ids{"n-1"});
  REQUIRE(phone.rig.events("notification.dropped").size() == 1);
  CHECK(phone.rig.events("notification.dropped").front()["id"] == "n-2");
  CHECK(phone.settings()["quiet"] == false);
  CHECK(phone.settings()["settings"]["quiet_hours_start"] == "00:00");
}

TEST_CASE("P-45: clearing the cache with no network leaves the user their quiet hours") {
  Phone phone;
  phone.go_to(12, 0);
  const auto quiet_from = [&] { return phone.settings()["settings"]["quiet_hours_start"]; };
  REQUIRE(quiet_from() == "22:00");
  REQUIRE(phone.rig.backend().edit_as_other(
      {"user_profile", Rig::user(0).id},
      {{"mobile_settings", {{"push_enabled", true}, {"quiet_hours_start", "20:00"}}}},
      phone.rig.clock().now()));
  REQUIRE(phone.rig.call("sync.now").contains("result"));
  phone.rig.advance(5s);
  REQUIRE(quiet_from() == "20:00");
  phone.rig.set_online(false);
  REQUIRE(phone.rig.call("cache.clear").contains("result"));
  CHECK(quiet_from() == "20:00");
  phone.go_to(20, 30);
  CHECK(phone.push("KPI_ALERT", "n-1")["decision"] == "hold");
}

TEST_CASE("INV-A12: a push for another user is dropped, and nobody's is shown to nobody") {
  Phone phone;
  phone.go_to(12, 0);
  const auto push_for = [&](const std::string& user) {
    return phone.rig.call("push.received",
                          {{"payload", {{"type", "KPI_ALERT"}, {"user_id", user}}}});
  };
  CHECK(push_for(Rig::user(1).id)["result"]["reason"] == "other_user");
  CHECK(push_for(Rig::user(0).id)["result"]["decision"] == "show");
  REQUIRE(phone.rig.call("session.logout").contains("result"));
  CHECK(push_for(Rig::user(0).id)["error"]["code"] == "engine.locked");
}

TEST_CASE("P-27: what was held for a user waits for them across a logout") {
  Phone phone;
  phone.go_to(23, 0);
  phone.push("KPI_ALERT", "n-1");
  REQUIRE(phone.rig.call("session.logout").contains("result"));
  REQUIRE(phone.rig.login(1).contains("result"));
  phone.go_to(7, 1);
  CHECK(phone.shown.empty());
  REQUIRE(phone.rig.login(0).contains("result"));
  phone.rig.advance(1s);
  CHECK(phone.shown_ids() == Ids{"n-1"});
}

TEST_CASE("F-PUSH: a payload that is no object is refused by its path, one too large by its size") {
  Phone phone;
  const Json refused = phone.rig.call("push.received", {{"payload", "hello"}});
  CHECK(refused["error"]["field"] == "params.payload");
  const Json large =
      phone.rig.call("push.received", {{"payload", {{"title", std::string(9'000, 'x')}}}});
  CHECK(large["result"]["decision"] == "drop");
  CHECK(large["result"]["reason"] == "push.too_large");
  CHECK(large["result"]["channel"].is_null());
}

TEST_CASE(
    "INV-S3: a full disk refuses a push before it is decided, and takes it when there is room") {
  Phone phone;
  phone.go_to(12, 0);
  phone.rig.disk().full_after(0);
  const Json payload{{"payload", {{"type", "KPI_ALERT"}, {"notification_id", "n-1"}}}};
  CHECK(phone.rig.call("push.received", payload)["error"]["code"] == "storage.full");
  CHECK(phone.shown.empty());
  CHECK(phone.rig.engine_state() == "ready");
  phone.rig.disk().heal();
  CHECK(phone.rig.call("push.received", payload)["result"]["decision"] == "show");
  CHECK(phone.shown_ids() == Ids{"n-1"});
}

TEST_CASE("INV-T2: the host's answer that finds no room on the disk is kept until there is some") {
  Phone phone;
  phone.go_to(12, 0);
  phone.answers_show = false;
  phone.push("KPI_ALERT", "n-1");
  std::int64_t question = 0;
  for (const auto& message : phone.rig.messages()) {
    if (message.value("port", "") == "notification.show") question = message["question"];
  }
  phone.rig.disk().full_after(0);
  phone.rig.answer(question, Json::object());
  phone.rig.settle();
  CHECK(phone.settings()["waiting"] == 1);
  phone.rig.disk().heal();
  phone.rig.advance(Duration{limits::kStorageRetryMs} + 1s);
  CHECK(phone.settings()["waiting"] == 0);
  phone.rig.advance(2h);
  CHECK(phone.shown.size() == 1);
}

TEST_CASE("P-47: the host reads the channels that its platform registers") {
  Rig rig;
  rig.boot();
  const Json channels = rig.call("notifications.channels")["result"];
  CHECK(channels["channels"].size() == 4);
  CHECK(channels["channels"][0] == Json{{"id", "prokure_alerts"},
                                        {"name", "Alerts & Warnings"},
                                        {"importance", "high"},
                                        {"sound", "alert"}});
  CHECK(channels["types"].size() == 5);
}

}  // namespace landfall::testing
