#include "engine/notify/quiet_hours.hpp"

#include <fstream>
#include <iterator>
#include <map>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/source_tree.hpp"

using namespace landfall;
using namespace landfall::notify;
using namespace std::chrono_literals;

namespace {

Instant at(const char* text) { return parse_rfc3339(text).value(); }

Settings window(const std::string& start, const std::string& end) {
  Settings settings;
  settings.quiet_hours_start = parse_minute_of_day(start).value();
  settings.quiet_hours_end = parse_minute_of_day(end).value();
  return settings;
}

const Json& golden() {
  static const Json tables = [] {
    std::ifstream file{testing::source_tree() + "/tests/engine/notify/golden/quiet_hours.json"};
    return Json::parse(file);
  }();
  return tables;
}

Zone zone_named(const std::string& name) {
  for (const Json& entry : golden().at("zones")) {
    if (entry.at("zone").at("name") == name) return Zone::parse(entry.at("zone")).value();
  }
  FAIL("no golden zone " << name);
  return Zone::utc();
}

// The slow reference: it knows a zone as a list of changes that it walks from the first one, and
// finds the end of a window by trying every minute.
class SlowClock final {
 public:
  explicit SlowClock(const Json& zone) : zone_(zone) {}

  [[nodiscard]] int minute_of_day(std::int64_t utc_s) const {
    std::int64_t offset_s = zone_.at("offset_s").get<std::int64_t>();
    for (const Json& change : zone_.at("transitions")) {
      if (change[0].get<std::int64_t>() > utc_s) break;
      offset_s = change[1].get<std::int64_t>();
    }
    const std::int64_t day_s = 86'400;
    return static_cast<int>((((utc_s + offset_s) % day_s + day_s) % day_s) / 60);
  }

  [[nodiscard]] bool is_quiet(std::int64_t utc_s, int start, int end) const {
    const int shown = minute_of_day(utc_s);
    for (int clock = start; clock != end; clock = (clock + 1) % 1440) {
      if (clock == shown) return true;
    }
    return false;
  }

 private:
  const Json& zone_;
};

// Compares one stretch of minutes with the flips that the table lists; returns the number of
// minutes looked at.
int compare_stretch(const Zone& zone, const Settings& settings, std::int64_t begin_s,
                    const Json& flips, int minutes) {
  bool quiet = flips[0].get<int>() != 0;
  std::size_t next = 1;
  for (int minute = 0; minute < minutes; ++minute) {
    if (next < flips.size() && flips[next].get<int>() == minute) {
      quiet = !quiet;
      ++next;
    }
    const Instant now{(begin_s + minute * 60) * 1000};
    if (is_quiet(settings, zone, now) != quiet)
      FAIL(zone.name() << " is wrong at " << format_rfc3339(now));
    const bool end_is_listed = !quiet || next < flips.size();
    if (!end_is_listed) continue;
    const Instant expected = quiet ? Instant{(begin_s + flips[next].get<int>() * 60) * 1000} : now;
    const Instant got = quiet_until(settings, zone, now);
    if (got != expected) {
      FAIL(zone.name() << " at " << format_rfc3339(now) << " holds until " << format_rfc3339(got)
                       << ", expected " << format_rfc3339(expected));
    }
  }
  return minutes;
}

}  // namespace

TEST_CASE(
    "INV-T1 P-45: minute by minute as another implementation says, twelve zones, 2010 to 2040") {
  const int span = golden().at("span_minutes").get<int>();
  std::map<std::string, int> minutes;
  for (const Json& entry : golden().at("zones")) {
    const Zone zone = Zone::parse(entry.at("zone")).value();
    for (const Json& around : entry.at("around")) {
      const std::int64_t begin_s = around.at("middle_s").get<std::int64_t>() - span * 60;
      for (std::size_t i = 0; i < golden().at("windows").size(); ++i) {
        const Json& hours = golden().at("windows")[i];
        minutes[zone.name()] += compare_stretch(zone, window(hours[0], hours[1]), begin_s,
                                                around.at("flips")[i], 2 * span);
      }
    }
  }
  CHECK(minutes.size() == 12);
  for (const auto& [name, count] : minutes) {
    INFO(name);
    CHECK(count >= 2 * span);
  }
}

TEST_CASE("INV-T1: brute force over the days of a change, every kind of window") {
  const std::vector<std::pair<std::string, std::string>> hours{
      {"22:00", "07:00"}, {"02:00", "03:00"}, {"02:30", "02:45"},
      {"01:59", "02:01"}, {"00:00", "23:59"}, {"23:59", "00:00"},
      {"03:00", "02:00"}, {"12:00", "12:00"}, {"00:00", "00:00"}};
  for (const char* name :
       {"Australia/Lord_Howe", "Pacific/Chatham", "America/St_Johns", "Africa/Casablanca",
        "Pacific/Apia", "America/Sao_Paulo", "America/New_York", "Europe/London"}) {
    Json described;
    for (const Json& entry : golden().at("zones")) {
      if (entry.at("zone").at("name") == name) described = entry.at("zone");
    }
    const Zone zone = Zone::parse(described).value();
    // The last two changes of the table's first years keep this quick and see a gap and a fold.
    for (const std::size_t which : {std::size_t{2}, std::size_t{3}}) {
      if (which >= described.at("transitions").size()) continue;
      Json near = described;
      const std::int64_t middle_s = described.at("transitions")[which][0].get<std::int64_t>();
      near["offset_s"] = described.at("transitions")[which - 1][1];
      near["transitions"] = Json::array({described.at("transitions")[which]});
      const SlowClock reference{near};
      for (const auto& [start, end] : hours) {
        const Settings settings = window(start, end);
        std::optional<Instant> until;
        // Backwards, so that the end of each quiet minute is known when it is met.
        for (int minute = 26 * 60; minute > -26 * 60; --minute) {
          const std::int64_t now_s = middle_s + minute * 60;
          const Instant now{now_s * 1000};
          const bool quiet = reference.is_quiet(now_s, settings.quiet_hours_start.minutes,
                                                settings.quiet_hours_end.minutes);
          if (!quiet) until = now;
          if (is_quiet(settings, zone, now) != quiet)
            FAIL(name << " " << start << " " << format_rfc3339(now));
          if (until && quiet_until(settings, zone, now) != *until) {
            FAIL(name << " " << start << "-" << end << " at " << format_rfc3339(now));
          }
        }
      }
    }
  }
}

TEST_CASE("INV-T1: a window holds its first millisecond and not its last") {
  const Settings settings = window("22:00", "07:00");
  const Zone zone = zone_named("Asia/Kolkata");
  CHECK(!is_quiet(settings, zone, at("2026-01-31T16:29:59.999Z")));
  CHECK(is_quiet(settings, zone, at("2026-01-31T16:30:00Z")));
  CHECK(is_quiet(settings, zone, at("2026-02-01T01:29:59.999Z")));
  CHECK(!is_quiet(settings, zone, at("2026-02-01T01:30:00Z")));
  CHECK(quiet_until(settings, zone, at("2026-01-31T20:00:00.123Z")) == at("2026-02-01T01:30:00Z"));
  CHECK(quiet_until(settings, zone, at("2026-02-01T01:30:00Z")) == at("2026-02-01T01:30:00Z"));
}

TEST_CASE(
    "INV-T1: an end that the clock jumps over is the jump, and an end shown twice comes with its "
    "first showing") {
  const Zone zone = zone_named("America/New_York");
  // 10 March 2024: 02:00 to 03:00 never was.
  CHECK(quiet_until(window("22:00", "02:30"), zone, at("2024-03-10T06:59:00Z")) ==
        at("2024-03-10T07:00:00Z"));
  CHECK(quiet_until(window("02:15", "02:45"), zone, at("2024-03-10T06:59:00Z")) ==
        at("2024-03-10T06:59:00Z"));
  // 3 November 2024: 01:00 to 02:00 was shown twice, and its quiet part is quiet both times.
  const Settings early = window("22:00", "01:30");
  CHECK(quiet_until(early, zone, at("2024-11-03T05:10:00Z")) == at("2024-11-03T05:30:00Z"));
  CHECK(!is_quiet(early, zone, at("2024-11-03T05:45:00Z")));
  CHECK(quiet_until(early, zone, at("2024-11-03T06:10:00Z")) == at("2024-11-03T06:30:00Z"));
}

TEST_CASE("INV-T1: a half-hour change and a skipped day") {
  // Lord Howe goes forward by half an hour at 02:00 on 6 October 2024.
  CHECK(quiet_until(window("22:00", "02:15"), zone_named("Australia/Lord_Howe"),
                    at("2024-10-05T15:00:00Z")) == at("2024-10-05T15:30:00Z"));
  // Samoa went to sleep on 29 December 2011 and woke on the 31st: the night is one night.
  CHECK(quiet_until(window("22:00", "07:00"), zone_named("Pacific/Apia"),
                    at("2011-12-30T09:00:00Z")) == at("2011-12-30T17:00:00Z"));
}

TEST_CASE("P-45 P-46: switches first, then overrides, then quiet hours") {
  Settings settings = window("22:00", "07:00");
  settings.overrides = {"APPROVAL_PENDING"};
  const Instant night = at("2026-01-31T23:00:00Z");
  const Instant day = at("2026-01-31T12:00:00Z");
  const Zone zone = Zone::utc();
  const auto decided = [&](const char* type, Instant now) {
    return decide(type, settings, zone, now);
  };

  CHECK(decided("KPI_ALERT", day) == Decision{Verdict::show, std::nullopt, "allowed"});
  CHECK(decided("KPI_ALERT", night) ==
        Decision{Verdict::hold, at("2026-02-01T07:00:00Z"), "quiet_hours"});
  CHECK(decided("APPROVAL_PENDING", night) == Decision{Verdict::show, std::nullopt, "override"});
  CHECK(decided("APPROVAL_PENDING", day) == Decision{Verdict::show, std::nullopt, "allowed"});

  settings.channels["APPROVAL_PENDING"] = false;
  CHECK(decided("APPROVAL_PENDING", night) ==
        Decision{Verdict::drop, std::nullopt, "channel_disabled"});
  CHECK(decided("APPROVAL_PENDING", day) ==
        Decision{Verdict::drop, std::nullopt, "channel_disabled"});
  settings.channels["APPROVAL_PENDING"] = true;
  CHECK(decided("APPROVAL_PENDING", night).verdict == Verdict::show);

  settings.push_enabled = false;
  for (const Instant now : {day, night}) {
    CHECK(decided("APPROVAL_PENDING", now) ==
          Decision{Verdict::drop, std::nullopt, "push_disabled"});
  }
}

TEST_CASE("INV-T1: an empty window means no quiet hours at all") {
  for (const char* time : {"00:00", "07:00", "23:59"}) {
    const Settings settings = window(time, time);
    for (int minute = 0; minute < 1440; ++minute) {
      const Instant now = at("2026-01-31T00:00:00Z") + minute * 1min;
      if (decide("KPI_ALERT", settings, Zone::utc(), now).verdict != Verdict::show) FAIL(minute);
    }
  }
}

TEST_CASE("INV-T3: a clock anywhere gives a decision, and a held one is let go after now") {
  const Settings settings = window("22:00", "07:00");
  for (const std::int64_t ms : {INT64_MIN, INT64_MIN + 1, std::int64_t{-1}, std::int64_t{0},
                                std::int64_t{1} << 31, INT64_MAX - 1, INT64_MAX}) {
    for (const Zone& zone : {Zone::utc(), zone_named("Pacific/Apia")}) {
      const Decision decision = decide("KPI_ALERT", settings, zone, Instant{ms});
      if (decision.until) CHECK(decision.until->unix_ms >= ms);
    }
  }
}

TEST_CASE("The verdicts have the contract's names") {
  CHECK(to_string(Verdict::show) == "show");
  CHECK(to_string(Verdict::hold) == "hold");
  CHECK(to_string(Verdict::drop) == "drop");
}
