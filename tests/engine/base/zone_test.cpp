#include "engine/base/zone.hpp"

#include <functional>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace landfall;
using namespace std::chrono_literals;
using Kind = Zone::Mapping::Kind;

namespace {

Instant at(const char* text) { return parse_rfc3339(text).value(); }
LocalTime local(const char* text) { return {at((std::string{text} + "Z").c_str()).unix_ms}; }

// London's summer of 2024.
Zone london() {
  return Zone::make("Europe/London", 0s,
                    {{at("2024-03-31T01:00:00Z"), 1h}, {at("2024-10-27T01:00:00Z"), 0s}})
      .value();
}

// Samoa crossed the date line: 30 December 2011 never was.
Zone apia() {
  return Zone::make("Pacific/Apia", -10h, {{at("2011-12-30T10:00:00Z"), 14h}}).value();
}

Error refusal(const char* text) {
  const auto zone = Zone::parse(Json::parse(text));
  return zone ? Error{} : zone.error();
}

}  // namespace

TEST_CASE("INV-T1: an offset begins with the instant of its transition") {
  const Zone zone = london();
  CHECK(zone.offset_at(at("2000-01-01T00:00:00Z")) == 0s);
  CHECK(zone.offset_at(at("2024-03-31T00:59:59.999Z")) == 0s);
  CHECK(zone.offset_at(at("2024-03-31T01:00:00Z")) == 1h);
  CHECK(zone.offset_at(at("2024-10-27T00:59:59.999Z")) == 1h);
  CHECK(zone.offset_at(at("2024-10-27T01:00:00Z")) == 0s);
  CHECK(zone.local_at(at("2024-07-01T12:00:00Z")) == local("2024-07-01T13:00:00"));
  CHECK(zone.next_transition(at("2024-03-31T00:00:00Z"))->at == at("2024-03-31T01:00:00Z"));
  CHECK(zone.next_transition(at("2024-03-31T01:00:00Z"))->at == at("2024-10-27T01:00:00Z"));
  CHECK(!zone.next_transition(at("2024-10-27T01:00:00Z")));
}

TEST_CASE("INV-T1: a local time is unique, skipped or shown twice") {
  const Zone zone = london();
  CHECK(zone.to_utc(local("2024-07-01T13:00:00")) ==
        Zone::Mapping{Kind::unique, at("2024-07-01T12:00:00Z"), at("2024-07-01T12:00:00Z")});
  const Instant spring = at("2024-03-31T01:00:00Z");
  for (const char* skipped :
       {"2024-03-31T01:00:00", "2024-03-31T01:30:00", "2024-03-31T01:59:59.999"}) {
    CHECK(zone.to_utc(local(skipped)) == Zone::Mapping{Kind::gap, spring, spring});
  }
  CHECK(zone.to_utc(local("2024-03-31T00:59:59.999")).kind == Kind::unique);
  CHECK(zone.to_utc(local("2024-03-31T02:00:00")) == Zone::Mapping{Kind::unique, spring, spring});
  CHECK(zone.to_utc(local("2024-10-27T01:30:00")) ==
        Zone::Mapping{Kind::fold, at("2024-10-27T00:30:00Z"), at("2024-10-27T01:30:00Z")});
  CHECK(zone.to_utc(local("2024-10-27T01:00:00")).kind == Kind::fold);
  CHECK(zone.to_utc(local("2024-10-27T02:00:00")).kind == Kind::unique);
  CHECK(zone.to_utc(local("2024-10-27T00:59:59.999")).kind == Kind::unique);
}

TEST_CASE("INV-T1: a skipped day is a gap of a day") {
  const Zone zone = apia();
  const Instant jump = at("2011-12-30T10:00:00Z");
  CHECK(zone.local_at(jump - 1ms) == local("2011-12-29T23:59:59.999"));
  CHECK(zone.local_at(jump) == local("2011-12-31T00:00:00"));
  for (const char* skipped :
       {"2011-12-30T00:00:00", "2011-12-30T12:00:00", "2011-12-30T23:59:59.999"}) {
    CHECK(zone.to_utc(local(skipped)) == Zone::Mapping{Kind::gap, jump, jump});
  }
  CHECK(zone.to_utc(local("2011-12-29T23:59:59.999")).kind == Kind::unique);
  CHECK(zone.to_utc(local("2011-12-31T00:00:00")) == Zone::Mapping{Kind::unique, jump, jump});
}

TEST_CASE("INV-T1: local and UTC agree in both directions around every transition") {
  for (const Zone& zone : {london(), apia(), Zone::utc(), Zone::fixed("x", -3h - 30min).value()}) {
    for (const char* middle :
         {"2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z", "2011-12-30T10:00:00Z"}) {
      for (int minute = -3'000; minute <= 3'000; ++minute) {
        const Instant instant = at(middle) + minute * 1min;
        const auto mapping = zone.to_utc(zone.local_at(instant));
        const bool found = mapping.earliest == instant || mapping.latest == instant;
        if (mapping.kind == Kind::gap || !found)
          FAIL(zone.name() << " at " << format_rfc3339(instant));
      }
    }
  }
}

TEST_CASE("Clock / zone: clocks at the end of time do not overflow") {
  for (const std::int64_t ms : {INT64_MIN, INT64_MIN + 1, INT64_MAX, std::int64_t{0}}) {
    for (const Zone& zone :
         {apia(), Zone::fixed("x", 14h).value(), Zone::fixed("y", -12h).value()}) {
      const LocalTime shown = zone.local_at(Instant{ms});
      CHECK(shown.ms_of_day() >= 0);
      CHECK(shown.ms_of_day() < 86'400'000);
      (void)zone.to_utc(LocalTime{ms});
    }
  }
  CHECK(LocalTime{-1}.ms_of_day() == 86'399'999);
}

TEST_CASE("A zone travels as JSON and comes back equal") {
  for (const Zone& zone :
       {london(), apia(), Zone::utc(), Zone::fixed("Asia/Kathmandu", 5h + 45min).value()}) {
    CHECK(Zone::parse(zone.to_json()) == zone);
  }
  CHECK(Zone::parse(Json::parse(R"({"name":"UTC","offset_s":0})")) == Zone::utc());
  CHECK(Zone::parse(Json::parse(R"({"name":"UTC","offset_s":0,"transitions":null})")) ==
        Zone::utc());
}

TEST_CASE("Clock / zone: a zone that cannot be is refused") {
  CHECK(refusal(R"([])").code == "field.type");
  CHECK(refusal("null").code == "field.type");
  CHECK(refusal(R"({"offset_s":0})").field == "zone.name");
  CHECK(refusal(R"({"name":null,"offset_s":0})").field == "zone.name");
  CHECK(refusal(R"({"name":"Mars/Olympus","offset_s":null})").field == "zone.offset_s");
  CHECK(refusal(R"({"name":"","offset_s":0})").code == "field.range");
  CHECK(refusal(R"({"name":"x"})").field == "zone.offset_s");
  CHECK(refusal(R"({"name":"x","offset_s":1.5})").code == "field.type");
  CHECK(refusal(R"({"name":"x","offset_s":90000})").code == "zone.offset");
  CHECK(refusal(R"({"name":"x","offset_s":-9223372036854775808})").code == "zone.offset");
  CHECK(refusal(R"({"name":"x","offset_s":0,"transitions":[[1,90000]]})").code == "zone.offset");
  CHECK(refusal(R"({"name":"x","offset_s":0,"transitions":[[1,60],[1,0]]})").code == "zone.order");
  CHECK(refusal(R"({"name":"x","offset_s":0,"transitions":[[2,60],[1,0]]})").code == "zone.order");
  CHECK(refusal(R"({"name":"x","offset_s":0,"transitions":{}})").field == "zone.transitions");
  CHECK(refusal(R"({"name":"x","offset_s":0,"transitions":[[1,60],[2]]})").field ==
        "zone.transitions[1]");
  CHECK(refusal(R"({"name":"x","offset_s":0,"transitions":[[1,"60"]]})").code == "field.type");
  CHECK(refusal(R"({"name":"x","offset_s":0,"transitions":[[9223372036854775807,60]]})").code ==
        "field.range");
  Json many{{"name", "x"}, {"offset_s", 0}, {"transitions", Json::array()}};
  for (int i = 0; i <= 1'000; ++i) many["transitions"].push_back({i, 0});
  CHECK(Zone::parse(many).error().code == "zone.too_many");
  CHECK(Zone::fixed("x", 17h).error().code == "zone.offset");
}
