#include "ui_imgui/model/code_book.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "schema/embedded.hpp"
#include "ui_imgui/model/simulation.hpp"

using namespace landfall;
using namespace landfall::ui;
using nlohmann::json;

namespace {

CodeView shipped(const std::string& code) {
  return CodeBook(json::parse(schema::api_json())).look_up(code);
}

// Chapters of a small interface of the test's own.
CodeView small(const std::string& code) {
  return CodeBook(json::parse(R"({
      "errors": {"pin.wait": "too many wrong PINs", "login.email_missing": ""},
      "causes": {"network.silent": {"says": "no answer came", "helps": "wait"}},
      "events": {"session.status": {"code": "session.idle, or pin.waits", "status": "locked"}},
      "replies": {"unlock.status": {"pin": {"code": "pin.wrong | pin.wait"}, "help": ["pin.wait."]}}
    })"))
      .look_up(code);
}

}  // namespace

TEST_CASE("an error's code is looked up with what the interface says of it") {
  const CodeView wait = small(" pin.wait ");
  CHECK(wait.code == "pin.wait");
  CHECK(wait.is_error);
  CHECK_FALSE(wait.is_cause);
  CHECK(wait.error_says == "too many wrong PINs");
  CHECK(wait.like.empty());
  CHECK(small("login.email_missing").is_error);
  CHECK(small("login.email_missing").error_says.empty());
}

TEST_CASE("a cause is looked up with what would help") {
  const CodeView silent = small("network.silent");
  CHECK(silent.is_cause);
  CHECK_FALSE(silent.is_error);
  CHECK(silent.says == "no answer came");
  CHECK(silent.helps == "wait");
}

TEST_CASE("a code is found where an event or a reply tells of it, as a whole word") {
  const CodeView idle = small("session.idle");
  REQUIRE(idle.mentions.size() == 1);
  CHECK(idle.mentions.front().where == "event session.status, code");
  CHECK(idle.mentions.front().text == "session.idle, or pin.waits");
  // "pin.waits" is another code; a full stop ends a sentence.
  const CodeView wait = small("pin.wait");
  REQUIRE(wait.mentions.size() == 2);
  CHECK(wait.mentions[0].where == "reply to unlock.status, help");
  CHECK(wait.mentions[1].where == "reply to unlock.status, pin, code");
  CHECK(small("wait").mentions.empty());
}

TEST_CASE("a part of a code names those that have it, and nothing has no answer") {
  const CodeView part = small("wa");
  CHECK_FALSE(part.is_error);
  CHECK(part.like == std::vector<std::string>{"pin.wait"});
  CHECK(small("no.such").like.empty());
  CHECK(small("  ").code.empty());
  CHECK(small("").like.empty());
  CHECK(shipped("loc").like.size() == 8);
}

TEST_CASE("the shipped interface explains errors, causes and what events tell of") {
  CHECK(shipped("store.io").error_says.find("disk") != std::string::npos);
  CHECK(shipped("answer.conflict").helps == "choose in the conflict inbox");
  CHECK_FALSE(shipped("session.idle").mentions.empty());
  CHECK(shipped("engine.restarted").is_cause);
  CHECK(shipped("engine.restarted").is_error);
}

TEST_CASE("the window is told what was asked about, until it is put away") {
  Simulation simulation{{}};
  CHECK_FALSE(simulation.snapshot().code);
  simulation.execute(ExplainCode{"pin.wait"});
  simulation.tick(0);
  REQUIRE(simulation.snapshot().code);
  CHECK(simulation.snapshot().code->is_error);
  simulation.execute(CloseCode{});
  simulation.tick(0);
  CHECK_FALSE(simulation.snapshot().code);
}
