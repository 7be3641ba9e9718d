#include "engine/notify/settings.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace landfall;
using namespace landfall::notify;

namespace {

const std::set<std::string, std::less<>> kTypes{"APPROVAL_PENDING", "KPI_ALERT"};

Settings base() {
  Settings settings;
  settings.quiet_hours_start = {22 * 60};
  settings.quiet_hours_end = {7 * 60};
  settings.overrides = {"APPROVAL_PENDING"};
  settings.channels = {{"APPROVAL_PENDING", true}, {"KPI_ALERT", true}};
  return settings;
}

Result<Settings> parse(const std::string& text) {
  return parse_settings(Json::parse(text), base(), kTypes, "mobile_settings");
}

void check_refused(const std::string& text, const std::string& code, const std::string& field) {
  const auto parsed = parse(text);
  REQUIRE(!parsed);
  CHECK(parsed.error().code == code);
  CHECK(parsed.error().field == field);
}

}  // namespace

TEST_CASE("P-45: a time of day is HH:MM and nothing else") {
  CHECK(parse_minute_of_day("00:00") == MinuteOfDay{0});
  CHECK(parse_minute_of_day("07:05") == MinuteOfDay{425});
  CHECK(parse_minute_of_day("23:59") == MinuteOfDay{1439});
  for (const char* bad : {"25:00", "7:00", "24:00", "12:60", "", "0700", "07:00 ", " 7:00", "-7:00",
                          "07:0", "07:00:00", "ab:cd", "07.00", "+7:00", "7:000"}) {
    INFO(bad);
    REQUIRE(!parse_minute_of_day(bad));
    CHECK(parse_minute_of_day(bad).error().code == "time_of_day.invalid");
  }
  for (int minute = 0; minute < 1440; ++minute) {
    CHECK(parse_minute_of_day(format_minute_of_day({minute})) == MinuteOfDay{minute});
  }
}

TEST_CASE("P-45: what is absent stays, what is present replaces") {
  CHECK(parse("{}") == base());
  CHECK(parse(R"({"push_enabled":null})") == base());
  const Settings changed =
      parse(R"({"push_enabled":false,"quiet_hours_start":"21:30","quiet_hours_override":[],
                                     "notification_channels":{"KPI_ALERT":false}})")
          .value();
  CHECK(!changed.push_enabled);
  CHECK(changed.quiet_hours_start == MinuteOfDay{21 * 60 + 30});
  CHECK(changed.quiet_hours_end == MinuteOfDay{7 * 60});
  CHECK(changed.overrides.empty());
  CHECK(!changed.channels.at("KPI_ALERT"));
  CHECK(changed.channels.at("APPROVAL_PENDING"));
  CHECK(parse_settings(to_json(changed), Settings{}, kTypes) == changed);
}

TEST_CASE("P-45: a mistake names its path") {
  check_refused(R"([])", "settings.type", "mobile_settings");
  check_refused(R"({"quiet_hours_start":"25:00"})", "settings.value",
                "mobile_settings.quiet_hours_start");
  check_refused(R"({"quiet_hours_end":"7:00"})", "settings.value",
                "mobile_settings.quiet_hours_end");
  check_refused(R"({"quiet_hours_end":700})", "settings.type", "mobile_settings.quiet_hours_end");
  check_refused(R"({"push_enabled":"yes"})", "settings.type", "mobile_settings.push_enabled");
  check_refused(R"({"quiet_hours_override":"KPI_ALERT"})", "settings.type",
                "mobile_settings.quiet_hours_override");
  check_refused(R"({"quiet_hours_override":["KPI_ALERT","SPAM"]})", "settings.value",
                "mobile_settings.quiet_hours_override[1]");
  check_refused(R"({"quiet_hours_override":[1]})", "settings.type",
                "mobile_settings.quiet_hours_override[0]");
  check_refused(R"({"notification_channels":[]})", "settings.type",
                "mobile_settings.notification_channels");
  check_refused(R"({"notification_channels":{"SPAM":true}})", "settings.value",
                "mobile_settings.notification_channels.SPAM");
  check_refused(R"({"notification_channels":{"KPI_ALERT":1}})", "settings.type",
                "mobile_settings.notification_channels.KPI_ALERT");
  check_refused(R"({"quiet":1})", "settings.unknown_key", "mobile_settings.quiet");
}
