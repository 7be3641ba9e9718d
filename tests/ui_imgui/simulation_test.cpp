#include "ui_imgui/model/simulation.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>
#include <string>

#include "ui_imgui/model/story.hpp"

using namespace landfall::ui;

namespace {

// A simulation whose time moves only when a test lets it.
class Rig {
 public:
  Rig() { simulation.execute(SetPaused{true}); }

  void execute(const Command& command) {
    simulation.execute(command);
    simulation.tick(0);
  }
  void pass(int seconds) { execute(PassTime{seconds * 1'000}); }
  const Snapshot& now() { return simulation.snapshot(); }

  // The operations of an entity, oldest first.
  std::vector<OperationView> lane(const std::string& entity) {
    for (const auto& lane : now().lanes) {
      if (lane.entity_id == entity) return lane.operations;
    }
    return {};
  }
  std::string state(const std::string& entity) {
    const auto operations = lane(entity);
    return operations.empty() ? "" : operations.back().state;
  }
  std::optional<ApprovalView> approval(const std::string& id) {
    for (const auto& approval : now().approvals) {
      if (approval.id == id) return approval;
    }
    return std::nullopt;
  }

  Simulation simulation{{}};
};

std::size_t deepest(const HistoryView& history) {
  std::size_t depth = 0;
  for (const auto& sample : history.samples) depth = std::max(depth, sample.waiting + sample.stuck);
  return depth;
}

}  // namespace

TEST_CASE("the window begins with a phone that is logged in and has something to decide") {
  Rig desk;
  CHECK(desk.now().phone.engine == "ready");
  CHECK(desk.now().phone.session == "authenticated");
  CHECK(desk.now().approvals.size() == 30);
  CHECK(desk.now().kpis.size() == 6);
  CHECK(desk.now().outbox_is_readable);
  CHECK(desk.now().lanes.empty());
  CHECK(desk.now().violations.empty());
}

TEST_CASE(
    "an approval given offline waits, explains itself, and is applied when the network is up") {
  Rig desk;
  const std::string id = desk.now().approvals.front().id;
  desk.execute(SetNetwork{false, true});
  desk.execute(Approve{id, "Looks right"});
  desk.pass(20);
  REQUIRE(desk.lane(id).size() == 1);
  const OperationView waits = desk.lane(id).front();
  CHECK(waits.state == "queued");
  CHECK(waits.attempts == 0);
  CHECK(waits.can_cancel);
  CHECK(desk.now().phone.waiting == 1);
  CHECK(desk.now().phone.connectivity == "offline");
  REQUIRE(desk.approval(id));
  CHECK(desk.approval(id)->status == "approved");
  CHECK(desk.approval(id)->pending_sync);

  desk.execute(SelectOperation{waits.id});
  REQUIRE(desk.now().explanation);
  CHECK(desk.now().explanation->would_help == "network");
  CHECK(std::count(desk.now().explanation->causes.begin(), desk.now().explanation->causes.end(),
                   "network.unreachable") == 1);

  desk.execute(SetNetwork{true, true});
  desk.pass(20);
  CHECK(desk.state(id) == "applied");
  CHECK(desk.now().phone.waiting == 0);
  CHECK(desk.now().world.server_effects == 1);
  CHECK(desk.now().world.duplicate_effects == 0);

  const auto& history = desk.now().history;
  CHECK(deepest(history) == 1);
  CHECK(history.samples.back().waiting == 0);
  REQUIRE(history.spells.size() == 1);
  CHECK(history.spells.front().kind == SpellKind::network_down);
  CHECK(history.spells.front().to_ms);
}

TEST_CASE("a server that is down costs attempts, and the next one is known") {
  Rig desk;
  const std::string id = desk.now().approvals.front().id;
  desk.execute(SetServerDown{true});
  desk.execute(Approve{id, ""});
  desk.pass(15);
  REQUIRE(desk.lane(id).size() == 1);
  const OperationView waits = desk.lane(id).front();
  CHECK(waits.attempts == 2);
  REQUIRE(waits.next_attempt_ms);
  CHECK(*waits.next_attempt_ms > desk.now().clock.now_ms);
  CHECK(*waits.next_attempt_ms <= desk.now().clock.now_ms + 30'000);
  CHECK(desk.now().history.spells.back().kind == SpellKind::server_down);
  CHECK_FALSE(desk.now().history.spells.back().to_ms);
  desk.execute(SetServerDown{false});
  desk.pass(60);
  CHECK(desk.state(id) == "applied");
}

TEST_CASE("a killed process and a power cut lose nothing that was acknowledged (INV-Q1)") {
  Rig desk;
  const std::string first = desk.now().approvals[0].id, second = desk.now().approvals[1].id;
  desk.execute(SetNetwork{false, true});
  desk.execute(Approve{first, ""});
  desk.execute(KillProcess{});
  CHECK_FALSE(desk.now().phone.is_running);
  CHECK(desk.state(first) == "queued");  // what was read last is still shown
  desk.execute(BootPhone{});
  desk.pass(10);
  desk.execute(Approve{second, ""});
  desk.pass(1);
  desk.execute(CutPower{});
  desk.execute(BootPhone{});
  desk.pass(10);
  CHECK(desk.state(first) == "queued");
  CHECK(desk.state(second) == "queued");
  CHECK(desk.now().world.kills == 1);
  CHECK(desk.now().world.power_cuts == 1);
  CHECK(desk.now().history.crashes.size() == 2);
  desk.execute(HealAndCheck{});
  CHECK(desk.state(first) == "applied");
  CHECK(desk.state(second) == "applied");
  CHECK(desk.now().promises_checked);
  CHECK(desk.now().violations.empty());
}

TEST_CASE("faults strike while their chance is set, and their strikes are counted") {
  Rig desk;
  const std::string id = desk.now().approvals.front().id;
  const auto lost = [&] {
    const auto& faults = desk.now().world.faults;
    return *std::find_if(faults.begin(), faults.end(),
                         [](const FaultView& fault) { return fault.name == "lost_answer"; });
  };
  CHECK(lost().chance == 0);
  desk.execute(SetFault{"lost_answer", 1.0});
  desk.execute(Approve{id, ""});
  desk.pass(33);
  CHECK(lost().chance == 1.0);
  CHECK(lost().struck >= 1);
  CHECK(desk.state(id) == "unknown");
  desk.execute(ClearFaults{});
  CHECK(lost().chance == 0);
  desk.pass(120);
  CHECK(desk.state(id) == "applied");
  CHECK(desk.now().world.server_effects == 1);
}

TEST_CASE("a conflict with somebody else is handed in anew and replaces the first") {
  Rig desk;
  desk.execute(CreateRequisition{"Gravel", "Metro Depot"});
  desk.pass(10);
  REQUIRE(desk.now().requisitions.size() == 1);
  const std::string id = desk.now().requisitions.front().id;
  desk.execute(SetNetwork{false, true});
  desk.execute(EditRequisition{id, "Gravel and sand", "Two trucks"});
  desk.execute(OtherEdits{});
  desk.execute(SetNetwork{true, true});
  desk.pass(20);
  REQUIRE(desk.lane(id).size() == 2);
  CHECK(desk.lane(id).back().state == "conflict");
  CHECK(desk.lane(id).back().can_supersede);
  REQUIRE(desk.now().notices.size() == 1);
  CHECK(desk.now().notices.front().kind == "conflict");
  CHECK(desk.now().notices.front().title == "Gravel  Metro Depot");

  desk.execute(SupersedeOperation{desk.lane(id).back().id});
  desk.pass(20);
  REQUIRE(desk.lane(id).size() == 3);
  CHECK(desk.lane(id)[1].state == "superseded");
  CHECK(desk.lane(id)[2].state == "applied");
  CHECK(desk.now().requisitions.front().title == "Gravel and sand");
  desk.execute(SeeNotices{desk.now().notices.front().number});
  desk.pass(1);
  CHECK(desk.now().notices.empty());
}

TEST_CASE("P-29: a conflict waits in the inbox, is decided by field, and taken back offline") {
  Rig desk;
  desk.execute(CreateRequisition{"Gravel", "Metro Depot"});
  desk.pass(10);
  REQUIRE(desk.now().requisitions.size() == 1);
  const std::string id = desk.now().requisitions.front().id;
  desk.execute(SetNetwork{false, true});
  desk.execute(EditRequisition{id, "Gravel and sand", "Two trucks"});
  desk.execute(OtherEdits{});
  desk.execute(SetNetwork{true, true});
  desk.pass(20);
  REQUIRE(desk.now().conflicts.size() == 1);
  const ConflictView conflict = desk.now().conflicts.front();
  CHECK(conflict.is_open);
  CHECK(conflict.title == "Gravel");
  const auto note = std::find_if(conflict.fields.begin(), conflict.fields.end(),
                                 [](const auto& field) { return field.name == "note"; });
  REQUIRE(note != conflict.fields.end());
  CHECK(note->is_open);
  CHECK(note->base.empty());
  CHECK(note->mine == "Two trucks");
  CHECK(note->theirs == "Seen by the site office");

  desk.execute(SetNetwork{false, true});
  desk.execute(ResolveConflict{conflict.id, "theirs", {}});
  REQUIRE(desk.now().conflicts.size() == 1);
  CHECK_FALSE(desk.now().conflicts.front().is_open);
  CHECK(desk.now().conflicts.front().can_reopen);
  desk.execute(ReopenConflict{conflict.id});
  CHECK(desk.now().conflicts.front().is_open);
  desk.execute(ResolveConflict{conflict.id, "", {{"note", "mine"}}});
  desk.execute(SetNetwork{true, true});
  desk.pass(20);
  CHECK_FALSE(desk.now().conflicts.front().is_open);
  CHECK(desk.now().requisitions.front().note == "Two trucks");
  CHECK(desk.now().requisitions.front().title == "Gravel and sand");
  CHECK(desk.now().violations.empty());
}

TEST_CASE("what the engine refuses is said, until something is accepted") {
  Rig desk;
  const std::string id = desk.now().approvals.front().id;
  desk.execute(Reject{id, "no"});
  CHECK(desk.now().phone.last_refusal == "approval reject: operation.invalid");
  CHECK(desk.lane(id).empty());
  desk.execute(Reject{id, "Beyond the budget of this quarter"});
  CHECK(desk.now().phone.last_refusal.empty());
  CHECK(desk.lane(id).size() == 1);
}

TEST_CASE("a waiting operation is cancelled, a failed one retried and a hopeless one discarded") {
  Rig desk;
  const std::string first = desk.now().approvals[0].id, second = desk.now().approvals[1].id;
  desk.execute(SetNetwork{false, true});
  desk.execute(Approve{first, ""});
  desk.execute(CancelOperation{desk.lane(first).front().id});
  CHECK(desk.state(first) == "cancelled");
  desk.execute(SetNetwork{true, true});
  desk.execute(SetServerDown{true});
  desk.execute(Approve{second, ""});
  desk.pass(240);
  REQUIRE(desk.lane(second).size() == 1);
  CHECK(desk.state(second) == "failed");
  CHECK(desk.now().phone.failed == 1);
  CHECK(desk.lane(second).front().can_retry);
  desk.execute(RetryOperation{desk.lane(second).front().id});
  CHECK(desk.state(second) != "failed");
  desk.execute(DiscardOperation{desk.lane(second).front().id});
  desk.pass(5);
  CHECK(desk.state(second) == "discarded");
  CHECK(desk.now().violations.empty());
}

TEST_CASE("a logout hides the outbox and the documents; a login shows them again") {
  Rig desk;
  const std::string id = desk.now().approvals.front().id;
  desk.execute(SetNetwork{false, true});
  desk.execute(Approve{id, ""});
  desk.execute(Logout{});
  desk.pass(5);
  CHECK(desk.now().phone.session == "unauthenticated");
  CHECK_FALSE(desk.now().outbox_is_readable);
  CHECK(desk.now().lanes.empty());
  CHECK(desk.now().approvals.empty());
  desk.execute(SetNetwork{true, true});
  desk.execute(Login{});
  desk.pass(20);
  CHECK(desk.now().phone.session == "authenticated");
  CHECK(desk.state(id) == "applied");
}

TEST_CASE("time stands still while it is paused, and passes at the chosen speed") {
  Rig desk;
  const auto before = desk.now().clock.now_ms;
  desk.simulation.tick(50);
  CHECK(desk.now().clock.now_ms == before);
  desk.simulation.execute(SetPaused{false});
  desk.simulation.execute(SetSpeed{60});
  desk.simulation.tick(50);
  CHECK(desk.now().clock.now_ms == before + 3'000);
  desk.simulation.tick(10'000);  // a frame that hung counts as a short one
  CHECK(desk.now().clock.now_ms == before + 9'000);
  desk.simulation.execute(SetSpeed{1});
  for (int i = 0; i < 4; ++i) desk.simulation.tick(0.25);
  CHECK(desk.now().clock.now_ms == before + 9'001);
}

TEST_CASE("a restart is the same world from its beginning") {
  Rig desk;
  const auto start = desk.now().clock.now_ms;
  const std::string id = desk.now().approvals.front().id;
  desk.execute(Approve{id, ""});
  desk.pass(30);
  desk.execute(Restart{});
  CHECK(desk.now().clock.now_ms == start);
  CHECK(desk.now().lanes.empty());
  CHECK(desk.now().approvals.front().id == id);
}

TEST_CASE("the log tells of requests, answers, events and users, each with its time") {
  Rig desk;
  desk.execute(Approve{desk.now().approvals.front().id, ""});
  desk.pass(10);
  const auto& log = desk.now().log;
  const auto has = [&](LogKind kind, const std::string& what, const std::string& detail) {
    return std::any_of(log.begin(), log.end(), [&](const LogLine& line) {
      return line.kind == kind && line.what == what &&
             line.detail.find(detail) != std::string::npos;
    });
  };
  CHECK(has(LogKind::user, "hands in", "approval approve"));
  CHECK(has(LogKind::event, "acknowledged", "approval approve"));
  CHECK(has(LogKind::request, "POST", "push, 1 operation"));
  CHECK(has(LogKind::answer, "200", "push, 1 applied"));
  CHECK(has(LogKind::event, "operation.changed", "applied"));
  CHECK(std::is_sorted(log.begin(), log.end(),
                       [](const LogLine& a, const LogLine& b) { return a.at_ms < b.at_ms; }));
}

TEST_CASE("the story of the screenshot breaks no promise, and leaves something to see") {
  Simulation simulation{{}};
  Story story;
  // Longer frames than those of the screenshot: six virtual seconds each.
  for (int frame = 0; frame < Story::kFrames / 6; ++frame) {
    for (const auto& command : story.due(simulation.snapshot())) simulation.execute(command);
    simulation.tick(100);
  }
  const Snapshot& end = simulation.snapshot();
  CHECK(end.violations.empty());
  CHECK(end.world.duplicate_effects == 0);
  CHECK(end.explanation);
  std::size_t waiting = 0, settled = 0;
  for (const auto& lane : end.lanes) {
    for (const auto& operation : lane.operations) operation.is_settled ? ++settled : ++waiting;
  }
  CHECK(waiting >= 3);
  CHECK(settled >= 8);
  CHECK(end.history.crashes.size() == 2);
  CHECK(end.history.spells.size() >= 4);
  simulation.execute(HealAndCheck{});
  simulation.tick(0);
  CHECK(end.violations.empty());
  CHECK(end.promises_checked);
}
