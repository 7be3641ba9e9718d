#include "ui_imgui/panels/desk.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "tests/ui_imgui/screen.hpp"
#include "ui_imgui/draw/theme.hpp"

using namespace landfall::ui;

namespace {

constexpr std::int64_t kNow = 1'767'583'800'000;  // 2026-01-05T03:30:00Z

OperationView operation(std::string id, std::string action, std::string state) {
  OperationView view;
  view.id = std::move(id);
  view.action = std::move(action);
  view.state = std::move(state);
  view.created_ms = kNow - 60'000;
  return view;
}

// A phone in the middle of its day: one lane that waits, one that is stuck, one that is done.
Snapshot busy() {
  Snapshot snapshot;
  snapshot.clock = {kNow, kNow - 3'600'000, true, 10};
  snapshot.phone = {
      "phone", "asha@prokure.example", true, "ready", "authenticated", "online", 1, 2, 0, 1, ""};
  snapshot.phones = {"phone"};
  snapshot.outbox_is_readable = true;
  OperationView waits = operation("op-1", "approve", "unknown");
  waits.attempts = 2;
  waits.next_attempt_ms = kNow + 28'000;
  waits.can_discard = true;
  OperationView rejected = operation("op-2", "create", "rejected");
  rejected.is_settled = true;
  rejected.settled_ms = kNow - 10'000;
  rejected.can_supersede = true;
  OperationView blocked = operation("op-3", "update", "blocked");
  blocked.block_reason = "dependency";
  OperationView done = operation("op-4", "reject", "applied");
  done.is_settled = true;
  done.settled_ms = kNow - 50'000;
  snapshot.lanes = {{"approval", "a-1", "PO-2026-00412", "Harbour Bridge", {waits}, false},
                    {"pr", "p-1", "Gravel", "Harbour Bridge", {rejected, blocked}, false},
                    {"approval", "a-2", "PR-2026-00310", "Solar Park", {done}, true}};
  snapshot.approvals = {
      {"a-1", "Harbour Bridge", "PO-2026-00412", "Ravi Menon", "INR", 1'234'567, "approved", true},
      {"a-3", "Metro Depot", "PR-2026-00555", "Ravi Menon", "INR", 999, "pending", false}};
  snapshot.requisitions = {{"p-1", "Gravel", "", "Harbour Bridge", "two trucks", "draft", true}};
  snapshot.kpis = {{"Cost Savings", "%", ">", 6.5, 5, true, {4, 5, 6.5F}}};
  snapshot.notices = {{7, "rejected", "FIELD_NOT_EDITABLE", "op-2", "Gravel", kNow - 9'000}};
  snapshot.world.faults = {{"lost_answer", 0.25, 3}, {"cut_body", 0, 0}};
  snapshot.world.server_effects = 4;
  snapshot.log = {{kNow - 3'000, LogKind::request, "POST", "push, 2 operations", false},
                  {kNow - 2'000, LogKind::answer, "503", "push", true},
                  {kNow - 1'000, LogKind::user, "hands in", "pr update #00003", false}};
  snapshot.history.samples = {{kNow - 3'000'000, 0, 0}, {kNow - 60'000, 2, 1}};
  return snapshot;
}

}  // namespace

TEST_CASE("the desk shows the phone, its outbox by lane and the clock") {
  Screen screen;
  screen.snapshot = busy();
  screen.frame();
  screen.frame();
  for (const char* words : {"Mon 05 Jan 2026  03:30:00 UTC", "after 1:00 h", "asha@prokure.example",
                            "ready", "authenticated", "online", "1 waiting", "2 blocked",
                            "4 effects, 0 twice", "no violation"}) {
    INFO(words);
    CHECK(screen.shows(words));
  }
  for (const char* words :
       {"PO-2026-00412", "approve", "2 attempts", "unknown", "in 28 s", "blocked(dependency)",
        "1 unknown", "1 blocked", "1 applied", "1 rejected"}) {
    INFO(words);
    CHECK(screen.shows(words));
  }
  CHECK(screen.find("blocked(dependency)").color == state_color("blocked"));
  CHECK(screen.find("28 s").begin.y > screen.find("2 attempts").begin.y);
}

TEST_CASE("nothing is drawn outside of the display, and no panel is left without words") {
  Screen screen;
  screen.snapshot = busy();
  screen.frame();
  screen.frame();
  for (const auto& line : screen.lines()) {
    INFO(line.text);
    CHECK(line.begin.x >= 0);
    CHECK(line.end.x <= 1600);
    CHECK(line.end.y <= 1000);
  }
  for (const char* card : {"Phone", "World", "Outbox", "Why", "Depth", "Log", "Work"}) {
    INFO(card);
    CHECK(std::any_of(screen.lines().begin(), screen.lines().end(), [&](const DrawnText& line) {
      return line.text == card && line.color == palette().accent;
    }));
  }
}

TEST_CASE("settled operations are hidden on demand") {
  Screen screen;
  screen.snapshot = busy();
  screen.frame();
  CHECK(screen.shows("PR-2026-00310"));
  CHECK(screen.shows("create"));
  screen.click("show settled");
  CHECK_FALSE(screen.shows("PR-2026-00310"));
  CHECK_FALSE(screen.shows("create"));
  CHECK(screen.shows("blocked(dependency)"));
}

TEST_CASE("a click on an operation asks for its explanation, and a second one puts it away") {
  Screen screen;
  screen.snapshot = busy();
  screen.click("2 attempts");
  auto selected = only<SelectOperation>(screen.take_commands());
  REQUIRE(selected);
  CHECK(selected->id == "op-1");
  screen.snapshot.selected = selected->id;
  screen.click("2 attempts");
  selected = only<SelectOperation>(screen.take_commands());
  REQUIRE(selected);
  CHECK(selected->id.empty());
}

TEST_CASE("the explanation says what holds an operation, when it goes out and what would help") {
  Screen screen;
  screen.snapshot = busy();
  screen.frame();
  CHECK(screen.shows("Select an operation above"));
  screen.snapshot.selected = "op-1";
  screen.snapshot.explanation = {
      {"op-1", "Harbour Bridge", {"unknown", "silent", "behind op-0"}, "network", kNow + 28'000}};
  screen.frame();
  CHECK(screen.shows("silent, behind op-0"));
  CHECK(screen.shows("in 28 s, at 03:30:28"));
  CHECK(screen.shows("network"));
  CHECK_FALSE(screen.shows("Retry"));
  screen.click("Discard");
  const auto discard = only<DiscardOperation>(screen.take_commands());
  REQUIRE(discard);
  CHECK(discard->id == "op-1");
}

TEST_CASE("what was rejected can be handed in anew") {
  Screen screen;
  screen.snapshot = busy();
  screen.snapshot.selected = "op-2";
  screen.snapshot.explanation = {
      {"op-2", "Gravel", {"rejected", "FIELD_NOT_EDITABLE"}, "resolve", {}}};
  screen.click("Hand in anew");
  const auto again = only<SupersedeOperation>(screen.take_commands());
  REQUIRE(again);
  CHECK(again->id == "op-2");
  CHECK(screen.shows("none by itself"));
}

TEST_CASE("time is paused, sped up and stepped from the bar") {
  Screen screen;
  screen.snapshot = busy();
  screen.click("Run");
  auto paused = only<SetPaused>(screen.take_commands());
  REQUIRE(paused);
  CHECK_FALSE(paused->paused);
  screen.click("600x");
  const auto speed = only<SetSpeed>(screen.take_commands());
  REQUIRE(speed);
  CHECK(speed->speed == 600);
  screen.click("+10 min");
  const auto jump = only<PassTime>(screen.take_commands());
  REQUIRE(jump);
  CHECK(jump->span_ms == 600'000);
  screen.snapshot.clock.is_paused = false;
  screen.click("Pause");
  paused = only<SetPaused>(screen.take_commands());
  REQUIRE(paused);
  CHECK(paused->paused);
}

TEST_CASE("the network goes down with or without the engine's knowing") {
  Screen screen;
  screen.snapshot = busy();
  screen.click("Network up");
  auto network = only<SetNetwork>(screen.take_commands());
  REQUIRE(network);
  CHECK_FALSE(network->up);
  CHECK(network->tell_engine);
  screen.click("tell the engine");
  screen.click("Network up");
  network = only<SetNetwork>(screen.take_commands());
  REQUIRE(network);
  CHECK_FALSE(network->tell_engine);
  screen.snapshot.world.network_up = false;
  screen.click("Network down");
  network = only<SetNetwork>(screen.take_commands());
  REQUIRE(network);
  CHECK(network->up);
}

TEST_CASE("the server, the process and the power have switches") {
  Screen screen;
  screen.snapshot = busy();
  screen.click("Server up");
  const auto down = only<SetServerDown>(screen.take_commands());
  REQUIRE(down);
  CHECK(down->down);
  screen.click("Kill process");
  CHECK(only<KillProcess>(screen.take_commands()));
  screen.click("Cut power");
  CHECK(only<CutPower>(screen.take_commands()));
  screen.snapshot.phone.is_running = false;
  screen.click("Boot");
  CHECK(only<BootPhone>(screen.take_commands()));
  CHECK_FALSE(screen.shows("Kill process"));
}

TEST_CASE("a fault's slider sets its chance, and shows how often it struck") {
  Screen screen;
  screen.snapshot = busy();
  screen.frame();
  CHECK(screen.shows("25 %"));
  CHECK(screen.shows("3x"));
  const DrawnText name = screen.find("cut_body");
  const DrawnText value = screen.find("0 %");
  const ImVec2 middle{(value.begin.x + value.end.x) / 2, (name.begin.y + name.end.y) / 2};
  screen.drag(middle, {middle.x + 500, middle.y});
  const auto commands = screen.take_commands();
  REQUIRE_FALSE(commands.empty());
  const auto* fault = std::get_if<SetFault>(&commands.back());
  REQUIRE(fault != nullptr);
  CHECK(fault->name == "cut_body");
  CHECK(fault->chance == Approx(1.0));
}

TEST_CASE("an approval is decided with the comment that was typed") {
  Screen screen;
  screen.snapshot = busy();
  screen.frame();
  CHECK(screen.shows("INR 1,234,567"));
  CHECK(screen.shows("pending sync"));
  CHECK(screen.shows("approved"));
  screen.click("a rejection needs 10 characters");
  screen.type("Beyond the budget, sorry");
  screen.click("Reject");
  const auto reject = only<Reject>(screen.take_commands());
  REQUIRE(reject);
  CHECK(reject->id == "a-3");
  CHECK(reject->comment == "Beyond the budget, sorry");
  screen.click("Approve");
  const auto approve = only<Approve>(screen.take_commands());
  REQUIRE(approve);
  CHECK(approve->id == "a-3");
}

TEST_CASE("a requisition is written, edited and submitted") {
  Screen screen;
  screen.snapshot = busy();
  screen.click("Requisitions 1");
  screen.click("Create");
  const auto create = only<CreateRequisition>(screen.take_commands());
  REQUIRE(create);
  CHECK(create->project == "Metro Depot");
  screen.click("Edit");
  const DrawnText note = screen.find("two trucks");
  screen.drag({note.end.x + 30, note.begin.y + 5}, {note.end.x + 30, note.begin.y + 5});
  screen.type(" more");
  screen.click("Save");
  const auto edit = only<EditRequisition>(screen.take_commands());
  REQUIRE(edit);
  CHECK(edit->id == "p-1");
  CHECK(edit->title == "Gravel");
  CHECK(edit->note == "two trucks more");
  screen.click("Submit");
  CHECK(only<SubmitRequisition>(screen.take_commands()));
}

TEST_CASE("KPIs and notices have tabs of their own") {
  Screen screen;
  screen.snapshot = busy();
  screen.click("KPIs");
  CHECK(screen.shows("Cost Savings"));
  CHECK(screen.find("6.5 %").color == palette().good);
  screen.click("Notices 1");
  CHECK(screen.shows("FIELD_NOT_EDITABLE"));
  screen.click("Mark all as seen");
  const auto seen = only<SeeNotices>(screen.take_commands());
  REQUIRE(seen);
  CHECK(seen->up_to == 7);
}

TEST_CASE("the log is filtered by words and by kind") {
  Screen screen;
  screen.snapshot = busy();
  screen.frame();
  screen.frame();
  CHECK(screen.shows("push, 2 operations"));
  CHECK(screen.find("503").color == palette().bad);
  CHECK_FALSE(screen.shows("older lines gone"));
  screen.snapshot.log_lines_dropped = 1'200;
  screen.click("requests");
  CHECK(screen.shows("1,200 older lines gone"));
  CHECK_FALSE(screen.shows("push, 2 operations"));
  CHECK(screen.shows("503"));
  screen.click("filter by words");
  screen.type("hands");
  CHECK_FALSE(screen.shows("503"));
  CHECK(screen.shows("pr update #00003"));
}

TEST_CASE("a violation is drawn in red") {
  Screen screen;
  screen.snapshot = busy();
  screen.snapshot.violations = {{"INV-Q2", "the server did op-1 more than once"}};
  screen.frame();
  screen.frame();
  CHECK(screen.find("the server did op-1 more than once").color == palette().bad);
  CHECK(screen.find("1 violation").color == palette().bad);
}

TEST_CASE("without a session the outbox says why it is empty") {
  Screen screen;
  screen.snapshot = busy();
  screen.snapshot.lanes.clear();
  screen.snapshot.outbox_is_readable = false;
  screen.snapshot.phone.session = "unauthenticated";
  screen.frame();
  screen.frame();
  CHECK(screen.shows("The engine lists no outbox"));
  screen.click("Log in");
  CHECK(only<Login>(screen.take_commands()));
}

TEST_CASE("a scenario's steps are listed with the next one marked, and played") {
  Screen screen;
  screen.snapshot = busy();
  screen.snapshot.scenario = {{"A lost answer has one effect",
                               {{R"({"boot":"asha"})", StepState::passed},
                                {R"({"login":"asha"})", StepState::next},
                                {R"({"run":"10s"})", StepState::ahead}},
                               "",
                               "",
                               false,
                               false}};
  screen.frame();
  screen.frame();
  CHECK(screen.shows("A lost answer has one effect"));
  CHECK(screen.find(R"({"login":"asha"})").color == palette().text);
  CHECK(screen.find(R"({"run":"10s"})").color == palette().muted);
  screen.click("Next step");
  CHECK(only<PlayStep>(screen.take_commands()));
  screen.click("Run all");
  const auto play = only<PlayScenario>(screen.take_commands());
  REQUIRE(play);
  CHECK(play->running);
  screen.snapshot.scenario->expected = "operations.approve.state is applied";
  screen.snapshot.scenario->actual = "queued";
  screen.snapshot.scenario->is_over = true;
  screen.frame();
  CHECK(screen.find("operations.approve.state").color == palette().bad);
}
