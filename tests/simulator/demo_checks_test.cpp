#include "simulator/demo/checks.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/demo/display.hpp"
#include "simulator/demo/report.hpp"

namespace landfall::demo {
namespace {

using faults::Fault;

OperationRecord operation(const std::string& label, const std::string& state) {
  OperationRecord record;
  record.id = "id of " + label;
  record.label = label;
  record.expected = record.state = record.receipt = state;
  record.effects = state == "applied" ? 1 : 0;
  record.attempts = 2;
  record.causes = {state};
  record.arrivals = 2;
  return record;
}

// A run that kept every promise.
Record kept() {
  Record record;
  record.operations = {operation("approve A", "applied"), operation("approve B", "conflict")};
  record.documents = {{{"approval", "b"}, 3, 3}, {{"approval", "a"}, std::nullopt, std::nullopt}};
  record.server_effects = 1;
  record.refreshes = 1;
  record.scripted = {Fault::lost_answer};
  record.faults.add(Fault::lost_answer);
  return record;
}

std::string only_violation(const Record& record) {
  const auto found = find_violations(record);
  REQUIRE(found.size() == 1);
  return found.front();
}

}  // namespace

TEST_CASE("a run that kept every promise has no violation") {
  CHECK(find_violations(kept()).empty());
}

TEST_CASE("an operation that was accepted and is not known any more is lost") {
  Record record = kept();
  record.operations[1].state.clear();
  CHECK(only_violation(record) == "approve B was accepted and is lost");
}

TEST_CASE("an operation that has not come to an end says what holds it up") {
  Record record = kept();
  const std::string state = GENERATE("queued", "sending", "unknown");
  record.operations[1].state = state;
  record.operations[1].causes = {state, "answer.server_error"};
  CHECK(only_violation(record) == "approve B is stuck: " + state + ", answer.server_error");
}

TEST_CASE("a blocked operation that explains itself is no mystery, one that does not is") {
  Record record = kept();
  record.operations[1].state = record.operations[1].expected = "blocked";
  record.operations[1].causes = {"blocked(auth)"};
  record.operations[1].would_help = "login";
  CHECK(find_violations(record).empty());
  record.operations[1].would_help.clear();
  CHECK(only_violation(record) == "approve B is stuck: blocked(auth)");
}

TEST_CASE("an operation that ends elsewhere than the story leads is a violation") {
  Record record = kept();
  record.operations[1] = operation("approve B", "applied");
  record.operations[1].expected = "conflict";
  CHECK(only_violation(record) == "approve B is applied, the story leads to conflict");
}

TEST_CASE("a second effect is a duplicate and a violation") {
  Record record = kept();
  CHECK(duplicate_effects(record) == 0);
  record.operations[0].effects = 3;
  CHECK(duplicate_effects(record) == 2);
  CHECK(only_violation(record) == "approve A was done 3 times");
}

TEST_CASE("what the phone calls applied was done, and what it calls a conflict was not") {
  Record record = kept();
  record.operations[0].effects = 0;
  CHECK(only_violation(record) ==
        "approve A is applied, says the phone, and the server never did it");
  record = kept();
  record.operations[1].effects = 1;
  CHECK(only_violation(record) == "approve B is conflict, says the phone, and the server did it");
}

TEST_CASE("the server's receipt says what the phone says") {
  Record record = kept();
  record.operations[0].receipt = "rejected";
  CHECK(only_violation(record) ==
        "approve A is applied, says the phone, and the server's receipt says rejected");
  record.operations[0].receipt.clear();
  CHECK(only_violation(record) ==
        "approve A is applied, says the phone, and the server has no receipt");
}

TEST_CASE("both sides have the same documents in the end") {
  Record record = kept();
  record.documents[0].phone_version = 2;
  CHECK(only_violation(record) == "of approval b the phone has version 2 and the server version 3");
  record.documents[0].phone_version.reset();
  CHECK(only_violation(record) == "of approval b the phone has none and the server version 3");
}

TEST_CASE("an effect that nobody handed in, and whatever else the server complains of, count") {
  Record record = kept();
  record.foreign_effects = {"0198"};
  CHECK(only_violation(record) == "the server did something that nobody handed in: 0198");
  record = kept();
  record.server_violations = 2;
  CHECK(find_violations(record).size() == 1);
  record = kept();
  record.refreshes = 0;
  CHECK(only_violation(record) == "no token was refreshed");
  record = kept();
  record.concurrent_refreshes = 1;
  CHECK(find_violations(record).size() == 1);
}

TEST_CASE("a fault that was promised and did not strike is a violation") {
  Record record = kept();
  record.scripted.push_back(Fault::cut_body);
  CHECK(only_violation(record) == "the fault cut_body never struck");
  record = kept();
  record.unstruck = 2;
  CHECK(only_violation(record) == "2 scripted strikes never came");
}

TEST_CASE("a story that ended too early and a run without operations are violations") {
  Record record = kept();
  record.mishaps = {"no time is left to wait for the session"};
  CHECK(only_violation(record) == "no time is left to wait for the session");
  record = kept();
  record.operations.clear();
  CHECK(only_violation(record) == "no operation was accepted");
}

TEST_CASE("the JSON has the fields of the contract, and its states sum to what was accepted") {
  Report report{"prokure", 7, std::chrono::milliseconds{12'345}, kept(), {"one"}};
  const Json json = report_json(report);
  CHECK(json["ok"] == false);
  CHECK(json["profile"] == "prokure");
  CHECK(json["seed"] == 7);
  CHECK(json["operations"]["accepted"] == 2);
  int sum = 0;
  for (const auto& [state, count] : json["operations"].items()) {
    if (state != "accepted") sum += count.get<int>();
  }
  CHECK(json["operations"].size() == 12);
  CHECK(sum == 2);
  CHECK(json["server_effects"] == 1);
  CHECK(json["duplicate_effects"] == 0);
  CHECK(json["refreshes"] == 1);
  CHECK(json["faults"].size() == static_cast<std::size_t>(faults::kFaultCount));
  CHECK(json["violations"] == Json::array({"one"}));
  CHECK(json["seconds"] == 12.345);
}

TEST_CASE("the closing table fits 100 columns, whatever it is called and why") {
  Report report{"prokure", 1, {}, kept(), {}};
  report.record.operations[0].label = std::string(200, 'x');
  report.record.operations[0].causes = {std::string(200, 'y')};
  for (int i = 0; i < faults::kFaultCount; ++i) report.record.faults.add(static_cast<Fault>(i));
  std::string text = report_text(report);
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    const std::string line = text.substr(begin, end - begin);
    CAPTURE(line);
    CHECK(fitted(line, 100).find("…") == line.find("…"));
    begin = end + 1;
  }
  CHECK(text.find("approve B") != std::string::npos);
  CHECK(text.find("ok ") != std::string::npos);
}

TEST_CASE("text is cut to columns, not to bytes") {
  CHECK(fitted("abc", 5) == "abc  ");
  CHECK(fitted("abcde", 5) == "abcde");
  CHECK(fitted("abcdef", 5) == "abcd…");
  CHECK(fitted("äöüßé", 5) == "äöüßé");
  CHECK(fitted("äöüßéx", 5) == "äöüß…");
}

}  // namespace landfall::demo
