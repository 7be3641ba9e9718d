#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "ui_imgui/model/life.hpp"
#include "ui_imgui/model/simulation.hpp"

// What the phone's user does.
namespace landfall::ui {
namespace {

nlohmann::json comment_payload(const std::string& comment) {
  return comment.empty() ? nlohmann::json::object() : nlohmann::json{{"comment", comment}};
}

}  // namespace

void Simulation::ask(const std::string& request, nlohmann::json params) {
  life_->user.ask(world(), phone(), request, std::move(params));
}

void Simulation::enqueue(EntityKey entity, std::string action, nlohmann::json payload) {
  life_->promises_checked = false;
  life_->user.enqueue(world(), phone(), std::move(entity), std::move(action), payload);
}

void Simulation::on(const SelectPhone& command) {
  for (auto* each : world().virtual_phones()) {
    if (each->name() != command.name) continue;
    life_->phone = each;
    screen_use_ = {};
  }
}

// A host whose user is logged in logs in again by itself when a session ends.
void Simulation::on(const Login&) {
  phone().set_wants_session(true);
  life_->user.login(world(), phone());
}

void Simulation::on(const Logout&) {
  phone().set_wants_session(false);
  ask("session.logout", nlohmann::json::object());
}

void Simulation::on(const SyncNow&) { ask("sync.now", nlohmann::json::object()); }

void Simulation::on(const Approve& command) {
  enqueue({"approval", command.id}, "approve", comment_payload(command.comment));
}

void Simulation::on(const Reject& command) {
  enqueue({"approval", command.id}, "reject", comment_payload(command.comment));
}

void Simulation::on(const CreateRequisition& command) {
  nlohmann::json payload{{"title", command.title}};
  if (!command.project.empty()) payload["project"] = command.project;
  enqueue({"pr", phone().make_id()}, "create", std::move(payload));
}

void Simulation::on(const EditRequisition& command) {
  enqueue({"pr", command.id}, "update", {{"title", command.title}, {"note", command.note}});
}

void Simulation::on(const SubmitRequisition& command) {
  enqueue({"pr", command.id}, "submit", nlohmann::json::object());
}

void Simulation::on(const DeleteRequisition& command) {
  enqueue({"pr", command.id}, "delete", nlohmann::json::object());
}

void Simulation::on(const FetchRequisitions&) {
  constexpr std::size_t kEntitiesMax = 20;
  nlohmann::json entities = nlohmann::json::array();
  for (const auto& document : world().backend().documents()) {
    if (document.key.type != "pr" || document.deleted || entities.size() == kEntitiesMax) continue;
    entities.push_back({{"entity_type", "pr"}, {"entity_id", document.key.id}});
  }
  if (!entities.empty()) ask("documents.refresh", {{"entities", std::move(entities)}});
}

void Simulation::on(const SeeNotices& command) { ask("notices.seen", {{"up_to", command.up_to}}); }

void Simulation::on(const SelectOperation& command) { snapshot_.selected = command.id; }

// The oracles are told before the engine is asked: a crash may swallow the reply to what was done.
void Simulation::on(const RetryOperation& command) {
  if (!phone().is_running()) return;
  world().observe_retried(phone(), command.id);
  ask("operations.retry", {{"id", command.id}});
}

void Simulation::on(const CancelOperation& command) {
  ask("operations.cancel", {{"id", command.id}});
}

void Simulation::on(const DiscardOperation& command) {
  if (!phone().is_running()) return;
  world().observe_discarded(phone(), command.id);
  ask("operations.discard", {{"id", command.id}, {"accept_unknown", true}});
}

void Simulation::on(const SupersedeOperation& command) {
  life_->user.supersede(world(), phone(), command.id);
}

}  // namespace landfall::ui
