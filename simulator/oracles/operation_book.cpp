#include "simulator/oracles/operation_book.hpp"

#include <nlohmann/json.hpp>

#include "simulator/oracles/organisation.hpp"
#include "simulator/oracles/push_answer.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

bool is_held(const std::string& state) { return state == "failed" || state == "blocked"; }

bool is_settled(const std::string& state) {
  return state == "applied" || state == "rejected" || state == "conflict" ||
         state == "superseded" || state == "cancelled" || state == "discarded";
}

bool is_together(std::optional<backend::RouteId> route) {
  return route == backend::RouteId::push || route == backend::RouteId::bulk;
}

// An answer that refuses a call which carried one operation and nothing else.
bool refuses_the_one(const http::Answer& answer) {
  if (!answer.response) return false;
  const int status = answer.response->status;
  return status == 400 || status == 413 || status == 422;
}

}  // namespace

const BookedOperation* OperationBook::find(const std::string& id) const {
  const auto found = operations_.find(id);
  return found == operations_.end() ? nullptr : &found->second;
}

BookedOperation* OperationBook::find_mutable(const std::string& id) {
  const auto found = operations_.find(id);
  return found == operations_.end() ? nullptr : &found->second;
}

const std::vector<std::string>& OperationBook::lane(const Lane& lane) const {
  static const std::vector<std::string> kEmpty;
  const auto found = lanes_.find(lane);
  return found == lanes_.end() ? kEmpty : found->second;
}

bool OperationBook::is_elsewhere(const BookedOperation& operation) const {
  const auto active = organisations_.find(operation.phone);
  const bool is_somewhere = active != organisations_.end() && !active->second.empty();
  return is_somewhere && !operation.organisation.empty() &&
         operation.organisation != active->second;
}

bool OperationBook::is_out_of_sight(const world::Phone& phone) const {
  const auto told = engines_.find(&phone);
  return told != engines_.end() && told->second == "locked";
}

bool OperationBook::is_out_of_the_way(const BookedOperation& operation, Instant at, Duration lag) {
  if (operation.discarded || (operation.verdict_at && *operation.verdict_at <= at)) return true;
  for (auto told = operation.told.rbegin(); told != operation.told.rend(); ++told) {
    if (told->at > at + lag) continue;
    if (is_held(told->state) || is_settled(told->state)) return true;
    if (told->at < at) return false;
  }
  return false;
}

Instant OperationBook::decided_to_leave_at(const BookedOperation& operation, Instant at) {
  for (auto told = operation.told.rbegin(); told != operation.told.rend(); ++told) {
    if (told->at > at) continue;
    return told->state == "sending" ? told->at : at;
  }
  return at;
}

bool OperationBook::was_held(const BookedOperation& operation, Instant until) {
  for (const auto& told : operation.told) {
    if (told.at <= until && is_held(told.state)) return true;
  }
  return false;
}

void OperationBook::on_intent(world::World& world, world::Phone& phone,
                              const world::Intent& intent) {
  auto& operation = operations_[intent.id];
  if (operation.phone != nullptr) {  // after a crash, say
    operation.handed_in_again = operation.handed_in_again || !operation.seq;
    return;
  }
  operation.id = intent.id;
  operation.handed_in_at = world.now();
  operation.phone = &phone;
  operation.entity = intent.entity;
  operation.action = intent.action;
  operation.organisation = organisations_[&phone];
  lanes_[{&phone, intent.entity}].push_back(intent.id);
}

void OperationBook::on_acknowledged(world::World& world, world::Phone&, const world::Intent& intent,
                                    const nlohmann::json& result) {
  auto* operation = find_mutable(intent.id);
  if (operation == nullptr || operation->seq) return;
  const std::string state = result.value("state", "");
  // When an acknowledgement was lost, and the word about who took whose place with it, only the
  // next one tells, of a commit that may be as old as the first time it was handed in.
  const Instant superseded_at = operation->handed_in_again ? operation->handed_in_at : world.now();
  // What is accepted behind one that has failed is blocked from the start.
  if (operation->told.empty())
    operation->told.push_back({state == "superseded" ? superseded_at : world.now(), state, ""});
  // An acknowledgement that came too early has no place in the order (0).
  const auto seq = result.value("seq", std::int64_t{0});
  if (seq > 0) operation->seq = seq;
  operation->commit_seq = result.value("commit_seq", std::int64_t{0});
  // A crash may have taken the word about the one whose place it took; this is the same word.
  if (auto* other = find_mutable(result.value("supersedes", "")))
    other->told.push_back({superseded_at, "superseded", ""});
}

void OperationBook::on_discarded(world::World&, world::Phone&, const std::string& id) {
  if (auto* operation = find_mutable(id)) operation->discarded = true;
}

void OperationBook::on_retried(world::World&, world::Phone&, const std::string& id) {
  if (auto* operation = find_mutable(id)) operation->retried = true;
}

void OperationBook::on_event(world::World& world, world::Phone& phone, const std::string& event,
                             const nlohmann::json& data) {
  if (event == "engine.state") engines_[&phone] = data.value("state", "");
  if (event == "session.status") organisations_[&phone] = organisation_in(data);
  if (event != "operation.changed") return;
  auto* operation = find_mutable(data.value("id", ""));
  if (operation == nullptr) return;
  operation->told.push_back({world.now(), data.value("state", ""), data.value("block_reason", "")});
}

void OperationBook::note_verdict(Instant now, const std::string& id, const std::string& status,
                                 std::optional<std::int64_t> row_version) {
  auto* operation = find_mutable(id);
  if (operation == nullptr) return;
  operation->verdicts.insert(status);
  if (!operation->verdict_at) operation->verdict_at = now;
  if (status == "applied") operation->applied_version = row_version;
}

void OperationBook::on_answer(world::World& world, world::Phone&, const http::Request& request,
                              const http::Answer& answer) {
  const auto route = world.route_of(request);
  if (const auto answers = operation_answers(route, request, answer)) {
    for (const auto& one : *answers) {
      if (is_verdict(one)) note_verdict(world.now(), one.id, one.status, one.row_version);
    }
  } else if (is_together(route) && refuses_the_one(answer)) {
    const auto body = nlohmann::json::parse(request.body, nullptr, false);
    if (!body.is_object() || !body.contains("operations") || body["operations"].size() != 1) return;
    note_verdict(world.now(), body["operations"][0].value("id", ""), "rejected", std::nullopt);
  }
}

std::string describe(const world::Phone& phone, const BookedOperation& operation) {
  return phone.name() + "'s operation " + operation.id + " (" + operation.entity.type + "/" +
         operation.entity.id + " " + operation.action + ")";
}

}  // namespace landfall::oracles
