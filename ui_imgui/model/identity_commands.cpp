#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "ui_imgui/model/life.hpp"
#include "ui_imgui/model/simulation.hpp"

// What the phone's user does before and around their work: who they are, what opens the app, and
// what stays of two versions.
namespace landfall::ui {
namespace {

// The server says whether it wants one.
nlohmann::json code_params(const std::string& code) {
  return code.empty() ? nlohmann::json::object() : nlohmann::json{{"code", code}};
}

}  // namespace

void Simulation::ask_on_screen(const std::string& request, nlohmann::json params) {
  life_->user.ask(world(), phone(), request, params,
                  [life = life_.get(), &world = world(), &phone = phone(), request,
                   params](const nlohmann::json& reply) {
                    life->identity.on_reply(world, phone, request, params, reply);
                  });
}

// --- who it is

void Simulation::on(const SubmitLogin& command) {
  nlohmann::json params{
      {"email", command.email}, {"password", command.password}, {"remember", command.remember}};
  if (command.remember_password) params["remember_password"] = true;
  ask_on_screen("session.login", std::move(params));
}

void Simulation::on(const LoginRemembered&) {
  ask_on_screen("session.login", {{"with_remembered", true}});
}

void Simulation::on(const OpenRegistration& command) {
  auto& view = life_->identity.view_of(phone());
  view.is_registering = command.is_open;
  view.refusal.reset();
}

void Simulation::on(const SubmitRegistration& command) {
  ask_on_screen("session.register",
                {{"email", command.email}, {"password", command.password}, {"name", command.name}});
}

void Simulation::on(const UsePassword& command) {
  auto& view = life_->identity.view_of(phone());
  view.wants_login = command.is_wanted;
  view.refusal.reset();
}

void Simulation::on(const SubmitCode& command) {
  ask_on_screen("session.second_factor", {{"code", command.code}, {"method", command.method}});
}

void Simulation::on(const SendCode&) {
  ask_on_screen("session.second_factor_send", nlohmann::json::object());
}

void Simulation::on(const ChooseOrganisation& command) {
  ask_on_screen("session.select_organisation", {{"organisation", command.id}});
}

void Simulation::on(const SwitchOrganisation& command) {
  ask_on_screen("session.switch_organisation", {{"organisation", command.id}});
}

// --- what opens it

void Simulation::on(const UnlockByPin& command) {
  ask_on_screen("unlock.pin", {{"pin", command.pin}});
}

void Simulation::on(const UnlockByBiometric&) {
  ask_on_screen("unlock.biometric", nlohmann::json::object());
}

void Simulation::on(const LockApp&) { ask_on_screen("unlock.lock", nlohmann::json::object()); }

void Simulation::on(const SetPin& command) {
  ask_on_screen("unlock.set_pin", {{"pin", command.pin}});
}

void Simulation::on(const ChangePin& command) {
  ask_on_screen("unlock.change_pin", {{"pin", command.pin}, {"new_pin", command.new_pin}});
}

void Simulation::on(const RemoveProof& command) {
  ask_on_screen("unlock.remove", {{"what", command.what}});
}

void Simulation::on(const EnrolBiometric&) {
  ask_on_screen("unlock.biometric_enrol", nlohmann::json::object());
}

void Simulation::on(const DeclineBiometric&) {
  life_->identity.view_of(phone()).offers_biometric = false;
}

void Simulation::on(const SetFinger& command) {
  phone().set_finger(command.found);
  life_->identity.view_of(phone()).finger = command.found;
}

void Simulation::on(const SetUpSecondFactor& command) {
  auto params = nlohmann::json::object();
  if (!command.phone_number.empty()) params["phone_number"] = command.phone_number;
  ask_on_screen("second_factor.setup", std::move(params));
}

void Simulation::on(const VerifySecondFactor& command) {
  ask_on_screen("second_factor.verify", {{"code", command.code}});
}

void Simulation::on(const NewBackupCodes& command) {
  ask_on_screen("second_factor.backup_codes", code_params(command.code));
}

void Simulation::on(const DisableSecondFactor& command) {
  ask_on_screen("second_factor.disable", code_params(command.code));
}

// --- where it leads

void Simulation::on(const FinishOnboarding&) {
  ask_on_screen("onboarding.done", nlohmann::json::object());
}

void Simulation::on(const ChooseRole& command) {
  if (phone().is_running() && !phone().is_away())
    life_->identity.view_of(phone()).entering_role = command.role;
  ask_on_screen("routing.set_role", {{"role", command.role}});
}

void Simulation::on(const LeaveDashboard&) {
  life_->identity.view_of(phone()).entered_role.clear();
}

// --- what stays

void Simulation::on(const ResolveConflict& command) {
  // The app looks at its user before each choice (P-58).
  nlohmann::json params{{"id", command.id}, {"attestation", {{"biometric_verified", true}}}};
  if (command.choice.empty()) {
    params["choices"] = command.choices;
  } else {
    params["choice"] = command.choice;
  }
  ask("conflicts.resolve", std::move(params));
}

void Simulation::on(const ReopenConflict& command) {
  ask("conflicts.reopen", {{"id", command.id}});
}

}  // namespace landfall::ui
