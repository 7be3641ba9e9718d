#include "simulator/scenario/read_scenario.hpp"

#include <catch2/catch.hpp>

#include <string>

#include <nlohmann/json.hpp>

using namespace landfall;
using namespace landfall::scenario;

namespace {

using Json = nlohmann::json;

Json whole() {
  return Json::parse(R"({
    "name": "n", "requirements": ["P-31"], "virtual": true,
    "backend": {"refresh_mode": "until_used", "page_limit": 7},
    "phones": [{"name": "asha", "user": "asha"}],
    "steps": [
      {"boot": "asha"},
      {"enqueue": "asha", "as": "first", "entity": "pr:road", "action": "create",
       "payload": {"title": "Gravel"}}]})");
}

std::string mistake_in(const Json& json) {
  const auto scenario = read_scenario(json.dump(), "s.json");
  if (scenario) return "no mistake";
  CHECK(scenario.error().code == "scenario.invalid");
  return scenario.error().message;
}

// The mistake in a file whose third step is this one.
std::string mistake_in_step(const std::string& step) {
  Json json = whole();
  json["steps"].push_back(Json::parse(step));
  return mistake_in(json);
}

std::string changed(const char* pointer, const Json& value) {
  Json json = whole();
  json[Json::json_pointer(pointer)] = value;
  return mistake_in(json);
}

std::string without(const std::string& key) {
  Json json = whole();
  json.erase(key);
  return mistake_in(json);
}

}  // namespace

TEST_CASE("a scenario is read with its defaults") {
  const auto scenario = read_scenario(whole().dump(), "s.json");
  REQUIRE(scenario.has_value());
  CHECK(scenario->profile["name"] == "prokure");
  CHECK(scenario->seed == 1);
  CHECK(scenario->backend.refresh_mode == backend::RefreshMode::until_used);
  CHECK(scenario->backend.page_limit == 7);
  CHECK(scenario->steps.size() == 2);
  CHECK(std::get<Enqueue>(scenario->steps[1].action).entity.type == "pr");
}

TEST_CASE("a mistake beside the steps is named by its path") {
  CHECK(without("name") == "s.json: name: is missing");
  CHECK(without("requirements") == "s.json: requirements: is missing");
  CHECK(without("phones") == "s.json: phones: is missing");
  CHECK(without("steps") == "s.json: steps: is missing");
  CHECK(changed("/steps", Json::array()) == "s.json: steps: expected one step at least");
  CHECK(changed("/stepps", 1) == "s.json: stepps: is no field here");
  CHECK(changed("/seed", "one") ==
        "s.json: seed: expected a whole number from 1 to 9223372036854775807");
  CHECK(changed("/profile", "nobody") == "s.json: profile: no profile has this name");
  CHECK(changed("/backend/refresh_mode", "sometimes") ==
        "s.json: backend.refresh_mode: expected one of grace until_used strict");
  CHECK(changed("/phones/0/user", "eve") ==
        "s.json: phones[0].user: expected one of asha ravi meera");
  CHECK(changed("/phones/1", Json{{"name", "asha"}, {"user", "ravi"}}) ==
        "s.json: phones[1].name: another phone has this name");
}

TEST_CASE("a text that is no JSON names the byte") {
  const auto scenario = read_scenario("{\"name\": ", "s.json");
  REQUIRE_FALSE(scenario.has_value());
  CHECK(scenario.error().message.starts_with("s.json: "));
  CHECK(scenario.error().message.ends_with("(byte 9)"));
}

TEST_CASE("a file that is not there is told by its path") {
  const auto scenario = load_scenario("no/such/scenario.json");
  REQUIRE_FALSE(scenario.has_value());
  CHECK(scenario.error().code == "scenario.unreadable");
  CHECK(scenario.error().message == "no/such/scenario.json: cannot be read");
}

TEST_CASE("a step that is none, or two, is named by its index") {
  CHECK(mistake_in_step(R"("boot")") == "s.json: steps[2]: expected an object");
  CHECK(mistake_in_step(R"({"reboot": "asha"})")
            .starts_with("s.json: steps[2]: expected a step with one of boot login"));
  CHECK(mistake_in_step(R"({"boot": "asha", "run": "5s"})") ==
        "s.json: steps[2]: is both boot and run");
}

TEST_CASE("a field of a step that is unknown, missing or of the wrong type is named by its path") {
  CHECK(mistake_in_step(R"({"boot": "ravi"})") == "s.json: steps[2].boot: no phone has this name");
  CHECK(mistake_in_step(R"({"boot": 7})") == "s.json: steps[2].boot: expected a text");
  CHECK(mistake_in_step(R"({"boot": "asha", "soon": true})") ==
        "s.json: steps[2].soon: is no field here");
  CHECK(mistake_in_step(R"({"run": "5 minutes"})") ==
        "s.json: steps[2].run: expected a time such as 250ms, 10s, 5m or 2h");
  CHECK(mistake_in_step(R"({"run": "5m", "real": 5})") ==
        "s.json: steps[2].real: expected a time such as 250ms, 10s, 5m or 2h");
  CHECK(mistake_in_step(R"({"network": "asha", "is": "up", "told": 1})") ==
        "s.json: steps[2].told: expected true or false");
  CHECK(mistake_in_step(R"({"network": "asha"})") == "s.json: steps[2].is: is missing");
  CHECK(mistake_in_step(R"({"fault": "asha", "route": "psh", "kind": "slow"})") ==
        "s.json: steps[2].route: the profile has no such endpoint");
  CHECK(mistake_in_step(R"({"fault": "asha", "route": "push", "kind": "kill"})")
            .starts_with("s.json: steps[2].kind: expected one of lost_answer"));
  CHECK(mistake_in_step(
            R"({"fault": "asha", "route": "push", "kind": "lost_answer", "status": 500})") ==
        "s.json: steps[2].status: is no field here");
}

TEST_CASE("names are made before they are used") {
  CHECK(mistake_in_step(R"({"enqueue": "asha", "as": "first", "entity": "pr:x", "action": "a"})") ==
        "s.json: steps[2].as: another operation has this name");
  CHECK(mistake_in_step(R"({"expect": "asha", "effects": {"second": 1}})") ==
        "s.json: steps[2].effects.second: no operation has this name yet");
  CHECK(mistake_in_step(R"({"expect": "asha", "documents": {"pr:bridge": null}})") ==
        "s.json: steps[2].documents.pr:bridge: no step before this one made it");
  CHECK(mistake_in_step(R"({"expect": "asha", "documents": {"ship#1": null}})")
            .starts_with("s.json: steps[2].documents.ship#1: expected an entity such as"));
  CHECK(mistake_in_step(R"({"other": "edit", "entity": "pr#0", "data": {}})")
            .starts_with("s.json: steps[2].entity: expected a number from 1"));
}

TEST_CASE("an expectation is checked section by section") {
  CHECK(mistake_in_step(R"({"expect": "asha"})") ==
        "s.json: steps[2].expect: nothing is expected here");
  CHECK(mistake_in_step(R"({"expect": "asha", "operation": {}})") ==
        "s.json: steps[2].operation: is no field here");
  CHECK(mistake_in_step(R"({"expect": "asha", "effects": {"first": "once"}})") ==
        "s.json: steps[2].effects.first: expected a number of times");
  CHECK(mistake_in_step(R"({"expect": "asha", "sends": {"first": ["0s", "soon"]}})") ==
        "s.json: steps[2].sends.first: expected times such as 250ms, 10s or 5m");
  CHECK(mistake_in_step(R"({"expect": "asha", "notices": [{"operation": "other"}]})") ==
        "s.json: steps[2].notices[0].operation: no operation has this name yet");
  CHECK(mistake_in_step(R"({"expect": "asha", "batches": [["first"], "first"]})") ==
        "s.json: steps[2].batches[1]: expected a list of operations");
  CHECK(mistake_in_step(R"({"expect": "asha", "requests": {"psh": 1}})") ==
        "s.json: steps[2].requests.psh: the profile has no such endpoint");
}

TEST_CASE("a crash names an instant, a write from now on, or a write of a transaction") {
  const auto crash_of = [](const std::string& step) {
    Json json = whole();
    json["steps"].push_back(Json::parse(step));
    const auto scenario = read_scenario(json.dump(), "s.json");
    REQUIRE(scenario.has_value());
    return std::get<Crash>(scenario->steps.back().action);
  };
  CHECK(crash_of(R"({"crash": "asha", "how": "kill"})").at == CrashAt::now);
  const Crash from_now = crash_of(R"({"crash": "asha", "how": "kill", "at": "io", "io": 3})");
  CHECK(from_now.at == CrashAt::io);
  CHECK(from_now.label.empty());
  const Crash inside =
      crash_of(R"({"crash": "asha", "how": "power_cut", "in": "session.logged_out", "io": 3})");
  CHECK(inside.at == CrashAt::io);
  CHECK(inside.io == 3);
  CHECK(inside.label == "session.logged_out");
  CHECK(mistake_in_step(R"({"crash": "asha", "how": "kill", "in": "session.logged_out"})") ==
        "s.json: steps[2].io: is missing");
}

TEST_CASE("a crash needs the world's disk, a zone its time of day, and both say so") {
  Json json = whole();
  json["virtual"] = false;
  json["steps"].push_back({{"crash", "asha"}, {"how", "kill"}});
  CHECK(mistake_in(json) ==
        "s.json: steps[2].crash: needs \"virtual\": true, or \"real\": \"close\"");
  json["steps"].back() = {{"zone", "asha"}, {"is", "Africa/Nairobi"}};
  CHECK(mistake_in(json) == "s.json: steps[2].zone: needs \"virtual\": true");
}

TEST_CASE("a crash that is a close over real sockets needs no virtual time, and no instant") {
  Json json = whole();
  json["virtual"] = false;
  json["steps"].push_back({{"crash", "asha"}, {"how", "kill"}, {"real", "close"}});
  const auto scenario = read_scenario(json.dump(), "s.json");
  REQUIRE(scenario.has_value());
  CHECK(std::get<Crash>(scenario->steps.back().action).closes_really);
  CHECK(mistake_in_step(R"({"crash": "asha", "how": "kill", "real": "kill"})") ==
        "s.json: steps[2].real: expected one of close");
  CHECK(mistake_in_step(R"({"crash": "asha", "how": "kill", "at": "commit", "real": "close"})") ==
        "s.json: steps[2].real: needs \"at\": \"now\"");
}

TEST_CASE("a scenario that says its speed has no run that is over before a busy machine looks") {
  CHECK(changed("/speed", 0) == "s.json: speed: expected a whole number from 1 to 100");
  CHECK(changed("/speed", 101) == "s.json: speed: expected a whole number from 1 to 100");
  const auto with_run = [](const std::string& step) {
    Json json = whole();
    json["speed"] = 20;
    json["steps"].push_back(Json::parse(step));
    return mistake_in(json);
  };
  CHECK(with_run(R"({"run": "6s"})") == "no mistake");
  CHECK(with_run(R"({"run": "5s", "real": "6s"})") == "no mistake");
  CHECK(with_run(R"({"run": "5s"})") ==
        "s.json: steps[2].run: is over too soon: expected 6000ms or more at this speed, in "
        "\"real\" where it is another time");
  CHECK(with_run(R"({"run": "1m", "real": "5s"})")
            .starts_with("s.json: steps[2].real: is over too soon"));
}
