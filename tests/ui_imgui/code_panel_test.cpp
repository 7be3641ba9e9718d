#include <catch2/catch.hpp>

#include <string>
#include <utility>

#include "tests/ui_imgui/screen.hpp"

using namespace landfall::ui;

namespace {

Snapshot asked_about(CodeView code) {
  Snapshot snapshot;
  snapshot.identity.screen = PhoneScreen::off;
  snapshot.code = std::move(code);
  return snapshot;
}

void look(Screen& screen) {
  screen.frame();
  screen.frame();
}

}  // namespace

TEST_CASE("nothing lies over the desk until somebody asks what a code means") {
  Screen screen;
  screen.snapshot.identity.screen = PhoneScreen::off;
  look(screen);
  CHECK_FALSE(screen.shows("Explain"));
  screen.click("What does a code mean?");
  const auto asked = only<ExplainCode>(screen.take_commands());
  REQUIRE(asked);
  CHECK(asked->code.empty());
}

TEST_CASE("a code is typed, and the panel is put away") {
  Screen screen;
  screen.snapshot = asked_about({});
  look(screen);
  CHECK(screen.shows("Type a code"));
  screen.click("A code, as");
  screen.type("pin.wait");
  screen.click("Explain");
  const auto asked = only<ExplainCode>(screen.take_commands());
  REQUIRE(asked);
  CHECK(asked->code == "pin.wait");
  screen.click("Close");
  CHECK(only<CloseCode>(screen.take_commands()));
}

TEST_CASE("the panel says what a code means as a cause and as an error, and where it is told") {
  Screen screen;
  CodeView view;
  view.code = "engine.restarted";
  view.is_cause = view.is_error = true;
  view.says = "the app ended on the way";
  view.helps = "nothing has to";
  view.error_says = "ask again";
  view.mentions = {{"event session.status, code", "why it is locked"}};
  screen.snapshot = asked_about(view);
  look(screen);
  for (const char* words : {"engine.restarted", "the app ended on the way", "nothing has to",
                            "ask again", "event session.status, code", "why it is locked"}) {
    INFO(words);
    CHECK(screen.shows(words));
  }
}

TEST_CASE("a code that is not there is answered with those like it, which can be pressed") {
  Screen screen;
  CodeView view;
  view.code = "wai";
  view.like = {"pin.wait"};
  screen.snapshot = asked_about(view);
  look(screen);
  CHECK(screen.shows("knows no such code"));
  screen.click("pin.wait");
  const auto asked = only<ExplainCode>(screen.take_commands());
  REQUIRE(asked);
  CHECK(asked->code == "pin.wait");
}

TEST_CASE("a code is pressed where it stands: at an operation's causes and at a notice") {
  Screen screen;
  screen.snapshot.phone.name = "phone";
  screen.snapshot.outbox_is_readable = true;
  OperationView waits;
  waits.id = "op-1";
  waits.action = "approve";
  waits.state = "queued";
  screen.snapshot.lanes = {{"approval", "a-1", "PO-1", "", {waits}, false}};
  screen.snapshot.selected = "op-1";
  screen.snapshot.explanation = {{"op-1", "PO-1", {"queued", "outbox.held"}, "wait", {}}};
  screen.click("outbox.held");
  auto asked = only<ExplainCode>(screen.take_commands());
  REQUIRE(asked);
  CHECK(asked->code == "outbox.held");
  screen.snapshot.notices = {{7, "failed", "retries.spent", "op-1", "Gravel", 0}};
  screen.click("Notices 1");
  screen.click("retries.spent");
  asked = only<ExplainCode>(screen.take_commands());
  REQUIRE(asked);
  CHECK(asked->code == "retries.spent");
}
