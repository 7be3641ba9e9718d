#include <algorithm>
#include <utility>
#include <variant>

#include "ui_imgui/model/call_faults.hpp"
#include "ui_imgui/model/come_to_rest.hpp"
#include "ui_imgui/model/life.hpp"
#include "ui_imgui/model/simulation.hpp"

// What befalls the phone: time, the network, the server, its process, other people.
namespace landfall::ui {

using faults::Fault;

// A hand that only moves changes nothing that would be read again.
void Simulation::execute(const Command& command) {
  if (is_done_on_screen(command)) {
    screen_use_.use();
    const bool is_a_deed = !std::holds_alternative<UseScreen>(command);
    if (is_a_deed || screen_use_.is_touch_due(world().now().unix_ms)) touch();
    if (!is_a_deed) return;
  }
  std::visit([this](const auto& each) { on(each); }, command);
  life_->mirror.expect_change(phone());
  life_->identity.expect_change(phone());
}

// Whatever there is to do about it was done for all that is done on a screen.
void Simulation::on(const UseScreen&) {}

void Simulation::on(const SetPaused& command) { snapshot_.clock.is_paused = command.paused; }

void Simulation::on(const SetSpeed& command) { snapshot_.clock.speed = command.speed; }

void Simulation::on(const PassTime& command) { pass(Duration{command.span_ms}); }

void Simulation::on(const SetNetwork& command) {
  phone().set_network(command.up, command.tell_engine);
}

void Simulation::on(const SetServerDown& command) {
  if (command.down == world().server_is_down()) return;
  world().set_server_down(command.down);
  life_->history.set_server_down(world(), command.down);
  life_->log.add(world(), LogKind::world, command.down ? "server down" : "server up", "",
                 command.down);
}

void Simulation::on(const SetFault& command) {
  faults::FaultPlan plan = world().plan();
  for (const Fault fault : kCallFaults) {
    if (faults::to_string(fault) == command.name)
      plan.per_call[fault] = std::clamp(command.chance, 0.0, 1.0);
  }
  world().set_plan(std::move(plan));
}

void Simulation::on(const ClearFaults&) {
  faults::FaultPlan plan = world().plan();
  plan.per_call.clear();
  world().set_plan(std::move(plan));
}

void Simulation::on(const KillProcess&) {
  if (phone().is_running()) world().crash(phone(), false);
}

void Simulation::on(const CutPower&) {
  if (phone().is_running()) world().crash(phone(), true);
}

void Simulation::on(const BootPhone&) {
  if (!phone().is_running()) phone().boot();
}

void Simulation::on(const HealAndCheck&) {
  come_to_rest(world());
  life_->history.set_server_down(world(), false);
  world().end();
  life_->promises_checked = true;
  const auto found = world().violations().size();
  life_->log.add(world(), LogKind::world, "promises checked",
                 found == 0 ? "all of them hold" : std::to_string(found) + " violations",
                 found > 0);
}

void Simulation::on(const ExplainCode& command) { snapshot_.code = codes_.look_up(command.code); }

void Simulation::on(const CloseCode&) { snapshot_.code.reset(); }

void Simulation::on(const PlayStep&) {
  if (life_->play) play_step();
}

void Simulation::on(const PlayScenario& command) {
  if (life_->play) life_->play->set_running(command.running);
}

void Simulation::on(const Restart&) { begin(); }

void Simulation::on(const OtherApproves&) {
  for (const auto& approval : snapshot_.approvals) {
    if (!world().backend().approve_as_other(approval.id, world().now())) continue;
    life_->log.add(world(), LogKind::world, "somebody else approves", approval.number);
    return;
  }
}

void Simulation::on(const OtherEdits&) {
  for (const auto& requisition : snapshot_.requisitions) {
    const EntityKey key{"pr", requisition.id};
    const nlohmann::json patch{{"note", "Seen by the site office"}};
    if (!world().backend().edit_as_other(key, patch, world().now())) continue;
    life_->log.add(world(), LogKind::world, "somebody else edits",
                   "requisition " + short_id(requisition.id));
    return;
  }
}

void Simulation::on(const OtherAsks&) {
  const std::string id = world().backend().create_approval(world().now(), phone().user_id());
  life_->log.add(world(), LogKind::world, "somebody asks", "approval " + short_id(id));
}

}  // namespace landfall::ui
