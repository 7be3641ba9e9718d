#include "simulator/demo/user.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "engine/base/json.hpp"
#include "simulator/demo/surroundings.hpp"

namespace landfall::demo {
namespace {

constexpr Duration kPause{2'000};

bool has_verdict(const std::string& state) {
  return state == "applied" || state == "rejected" || state == "conflict";
}

bool is_logged_out(const PhoneState& state) {
  return state.session == "unauthenticated" || state.session == "reauthRequired";
}

bool needs_tending(const PhoneState& state) {
  return is_logged_out(state) ||
         std::any_of(state.operations.begin(), state.operations.end(),
                     [](const auto& operation) { return operation.second == "failed"; });
}

// Errors that say nothing against trying again.
bool may_pass(const std::string& code) {
  constexpr std::array<std::string_view, 8> kPassing{
      "session.busy",     "login.no_connection", "login.server_error", "login.answer_invalid",
      "engine.restarted", "port.timeout",        "pull.server_busy",   "pull.answer_invalid"};
  return code.starts_with("network.") || code.starts_with("answer.") ||
         std::find(kPassing.begin(), kPassing.end(), code) != kPassing.end();
}

}  // namespace

std::string User::make_id() {
  return to_text(landfall::make_id<OperationId>(clock_.now(), random_));
}

Status User::ask_again(const std::string& request, const Json& params) {
  while (true) {
    const auto answer = phone_.ask(request, params);
    if (answer) return {};
    if (!may_pass(answer.error().code)) return failure(answer.error());
    says(request + " failed, and is tried again: " + answer.error().code);
    LANDFALL_TRY(pause());
  }
}

Status User::pause() {
  const Instant until = clock_.now() + kPause;
  return phone_.wait_until("a pause", [&](const PhoneState&) { return clock_.now() >= until; });
}

Status User::log_in() {
  LANDFALL_TRY(phone_.wait_until("the engine to open", [](const PhoneState& state) {
    return state.engine == "locked" || state.engine == "ready";
  }));
  const auto& user = Surroundings::user();
  LANDFALL_TRY(ask_again("session.login", {{"email", user.email}, {"password", user.password}}));
  return phone_.wait_until("the session", [](const PhoneState& state) {
    return state.session == "authenticated" && state.engine == "ready";
  });
}

Status User::hand_in(const Intent& intent) {
  OperationRecord record;
  record.id = make_id();
  record.entity = intent.entity;
  record.label = intent.label;
  record.expected = intent.expected;
  narrator_.name_operation(record.id, record.label);
  Json params{{"id", record.id},
              {"entity_type", intent.entity.type},
              {"entity_id", intent.entity.id},
              {"action", intent.action},
              {"payload", intent.payload}};
  // The app looks at its user before each decision (P-58).
  if (intent.entity.type == "approval" && intent.action != "comment")
    params["attestation"] = {{"biometric_verified", true}};
  LANDFALL_TRY(phone_.ask("operations.enqueue", params));
  accepted_.push_back(std::move(record));
  says(intent.label + ": accepted, on the disk");
  return {};
}

Result<std::vector<Json>> User::read(const std::string& type) {
  LANDFALL_TRY_ASSIGN(const Json result, phone_.ask("documents.query", {{"type", type}}));
  return result["documents"].get<std::vector<Json>>();
}

Status User::refresh(const std::vector<EntityKey>& entities) {
  Json wanted = Json::array();
  for (const auto& entity : entities)
    wanted.push_back({{"entity_type", entity.type}, {"entity_id", entity.id}});
  return ask_again("documents.refresh", {{"entities", std::move(wanted)}});
}

bool User::is_settled(const PhoneState& state) const {
  return std::all_of(accepted_.begin(), accepted_.end(), [&](const OperationRecord& operation) {
    const auto found = state.operations.find(operation.id);
    return found != state.operations.end() && has_verdict(found->second);
  });
}

Status User::tend(const PhoneState& state) {
  if (is_logged_out(state)) return log_in();
  for (const OperationRecord& operation : accepted_) {
    const auto found = state.operations.find(operation.id);
    if (found == state.operations.end() || found->second != "failed") continue;
    says("retries " + operation.label);
    // A receipt may have come first: then there is nothing left to retry.
    (void)phone_.ask("operations.retry", {{"id", operation.id}});
    LANDFALL_TRY(phone_.wait_until(
        operation.label + " to be taken up again",
        [&](const PhoneState& now) { return now.operations.at(operation.id) != "failed"; }));
  }
  return {};
}

Status User::tend_until(const std::string& what, const Done& done) {
  while (true) {
    LANDFALL_TRY(phone_.wait_until(
        what, [&](const PhoneState& state) { return done(state) || needs_tending(state); }));
    const PhoneState state = phone_.state();
    if (needs_tending(state)) {
      LANDFALL_TRY(tend(state));
    } else if (done(state)) {
      return {};
    }
  }
}

}  // namespace landfall::demo
