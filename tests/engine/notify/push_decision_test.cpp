#include "engine/notify/push_decision.hpp"

#include <functional>
#include <regex>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/notify/deep_link.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

using namespace landfall;
using namespace landfall::notify;

namespace {

const Profile& prokure() {
  static const Profile profile = Profile::load(schema::profile("prokure").value()).value();
  return profile;
}

// 2026-01-05 in UTC: quiet from 22:00 to 07:00.
constexpr const char* kDay = "2026-01-05T12:00:00Z";
constexpr const char* kNight = "2026-01-05T23:30:00Z";
constexpr const char* kMorning = "2026-01-06T07:00:00Z";

struct Case {
  Settings settings = prokure().notifications.defaults;
  Zone zone;
  Recipient recipient{"u-1", "t-1"};
  profile::NotificationRules rules = prokure().notifications;

  PushDecision decide(const Json& payload, const char* at) {
    const Instant now = parse_rfc3339(at).value();
    return decide_push(rules, recipient, parse_push(payload, now).value(), {settings, zone, now});
  }
};

Json push(const char* type) { return {{"type", type}, {"id", "a-7"}}; }

std::optional<std::string> link(const char* type, profile::Variables values) {
  return deep_link(prokure().notifications.types.at(type), values);
}

}  // namespace

TEST_CASE("P-39 P-45 P-46: by day everything is shown, at night override types only") {
  Case with;
  for (const auto& [name, type] : prokure().notifications.types) {
    INFO(name);
    const auto day = with.decide(push(name.c_str()), kDay);
    CHECK(day.verdict == Verdict::show);
    CHECK(day.reason == "allowed");
    CHECK(day.channel == type.channel);
    CHECK_FALSE(day.until);
    const auto night = with.decide(push(name.c_str()), kNight);
    if (name == "APPROVAL_PENDING") {
      CHECK(night.verdict == Verdict::show);
      CHECK(night.reason == "override");
      CHECK(night.why == "override: APPROVAL_PENDING passes quiet hours");
    } else {
      CHECK(night.verdict == Verdict::hold);
      CHECK(night.until == parse_rfc3339(kMorning).value());
      CHECK(night.why == "quiet hours, from 22:00 to 07:00 in UTC");
    }
    CHECK(night.channel == type.channel);
  }
}

TEST_CASE("P-45: push and types that are switched off are dropped, also those that override") {
  Case with;
  with.settings.channels["APPROVAL_PENDING"] = false;
  CHECK(with.decide(push("APPROVAL_PENDING"), kNight).reason == "channel_disabled");
  CHECK(with.decide(push("APPROVAL_PENDING"), kDay).verdict == Verdict::drop);
  CHECK(with.decide(push("KPI_ALERT"), kDay).verdict == Verdict::show);
  with.settings.push_enabled = false;
  for (const char* at : {kDay, kNight}) {
    const auto decision = with.decide(push("KPI_ALERT"), at);
    CHECK(decision.verdict == Verdict::drop);
    CHECK(decision.reason == "push_disabled");
    CHECK(decision.channel == "prokure_alerts");
  }
}

TEST_CASE("F-PUSH: an unknown type is a general notification, if it says anything") {
  Case with;
  const Json news{{"type", "SUPPLIER_MOVED"}, {"title", "A supplier has moved"}};
  const auto day = with.decide(news, kDay);
  CHECK(day.verdict == Verdict::show);
  CHECK(day.channel == "prokure_general");
  CHECK(day.why.find("does not know") != std::string::npos);
  CHECK(with.decide(news, kNight).verdict == Verdict::hold);
  CHECK(with.decide({{"type", "SUPPLIER_MOVED"}}, kDay).reason == "nothing_to_show");
  CHECK(with.decide({{"title", "no type at all"}}, kDay).channel == "prokure_general");

  with.rules.other.reset();
  const auto dropped = with.decide(news, kDay);
  CHECK(dropped.verdict == Verdict::drop);
  CHECK(dropped.reason == "unknown_type");
  CHECK(dropped.channel.empty());
}

TEST_CASE("F-PUSH: another user's or organisation's push is dropped; nobody's is ours") {
  Case with;
  const auto decide = [&](const char* key, Json value) {
    Json payload = push("APPROVAL_PENDING");
    payload[key] = std::move(value);
    return with.decide(payload, kDay).reason;
  };
  CHECK(decide("user_id", "u-1") == "allowed");
  CHECK(decide("user_id", "u-2") == "other_user");
  CHECK(decide("userId", "u-2") == "other_user");
  CHECK(decide("user_id", Json::array({"u-1"})) == "other_user");
  CHECK(decide("tenant_id", "t-1") == "allowed");
  CHECK(decide("tenant_id", "t-2") == "other_organisation");
  CHECK(decide("colour", "red") == "allowed");
  with.recipient.organisation.clear();
  CHECK(decide("tenant_id", "t-2") == "allowed");
}

TEST_CASE("INV-T2: what has expired is dropped, to the millisecond") {
  Case with;
  Json payload = push("APPROVAL_PENDING");
  payload["expires_at"] = "2026-01-05T12:00:00.001Z";
  CHECK(with.decide(payload, kDay).verdict == Verdict::show);
  payload["expires_at"] = kDay;
  CHECK(with.decide(payload, kDay).reason == "expired");
}

TEST_CASE("INV-T1: quiet hours are those of the zone; equal times mean none") {
  Case with;
  with.zone = Zone::fixed("Asia/Kolkata", std::chrono::minutes{330}).value();
  CHECK(with.decide(push("KPI_ALERT"), "2026-01-05T16:29:59Z").verdict == Verdict::show);
  const auto held = with.decide(push("KPI_ALERT"), "2026-01-05T16:30:00Z");
  CHECK(held.verdict == Verdict::hold);
  CHECK(held.until == parse_rfc3339("2026-01-06T01:30:00Z").value());
  with.settings.quiet_hours_end = with.settings.quiet_hours_start;
  CHECK(with.decide(push("KPI_ALERT"), "2026-01-05T16:30:00Z").why == "there are no quiet hours");
}

TEST_CASE("P-40 P-41 P-42 P-43 P-44: each type leads to its screen") {
  CHECK(link("KPI_ALERT", {{"code", "CYCLE_TIME"}}) == "/dashboard/kpi/CYCLE_TIME");
  CHECK(link("ANOMALY_ALERT", {{"id", "17"}}) == "/notifications/anomaly/17");
  CHECK(link("APPROVAL_PENDING", {{"id", "a-7"}}) == "/approvals/a-7");
  CHECK(link("DELIVERY_UPDATE", {{"id", "PO-9"}}) == "/po/PO-9/delivery");
  CHECK(link("BUDGET_WARNING", {{"projectId", "metro"}}) == "/dashboard/budget/metro");
}

TEST_CASE("F-PUSH: no value of a push leads anywhere but to its type's screen") {
  const std::regex grammar("/approvals/([A-Za-z0-9._~-]|%[0-9A-F]{2})+");
  for (const char* value :
       {"javascript:alert(1)", "//evil.example", "../../settings", "a/b", "a?b=c", "a#b",
        "1' OR '1'='1", "<script>", "\xc3\xa9", " ", "%2e%2e", "...", "\n"}) {
    INFO(value);
    const auto made = link("APPROVAL_PENDING", {{"id", value}});
    REQUIRE(made);
    CHECK(std::regex_match(*made, grammar));
  }
  for (const char* value : {"", ".", ".."}) CHECK_FALSE(link("APPROVAL_PENDING", {{"id", value}}));
  CHECK_FALSE(link("APPROVAL_PENDING", {{"deep_link", "/settings"}}));
  CHECK_FALSE(deep_link(*prokure().notifications.other, {{"id", "1"}, {"deep_link", "/x"}}));
}
