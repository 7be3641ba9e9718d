#include "simulator/world/workload.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "engine/base/json.hpp"
#include "simulator/world/pin_owner.hpp"

namespace landfall::world {
namespace {

constexpr std::uint64_t kBulkMost = 6;
constexpr double kWithPhoto = 0.5;
constexpr double kCareless = 0.2;
constexpr std::int64_t kPhotoBytesMax = 30'000;

const std::string& pick(Random& random, const std::vector<std::string>& from) {
  return from[random.below(from.size())];
}

// An app that is once updated from a version that knew no files has none until then.
bool may_have_files(const faults::FaultPlan& plan) { return plan.update_mean.count() == 0; }

}  // namespace

Workload::Workload(VirtualWorld& world, VirtualPhone& phone, Duration pause_mean)
    : world_(world),
      phone_(phone),
      random_(Random::stream(world.seed(), "workload/" + phone.name())),
      erases_(Random::stream(world.seed(), "erases/" + phone.name())),
      pause_mean_(pause_mean) {
  signs_approvals_ = world.backend().options().attested.contains("approval/approve");
  for (const auto& document : world.backend().documents()) {
    if (document.key.type == "po") orders_.push_back(document.key.id);
  }
}

void Workload::start() {
  running_ = true;
  schedule_next();
  schedule_erase();
}

// The phone goes to a colleague for an hour, and comes back.
void Workload::schedule_erase() {
  const Duration mean = world_.plan().erase_mean;
  if (mean.count() == 0) return;
  world_.after(faults::draw_around(erases_, mean), [this] {
    if (!running_) return;
    if (phone_.is_ready() && !phone_.is_away()) phone_.erase();
    schedule_erase();
  });
}

void Workload::schedule_next() {
  const Duration pause{random_.between(1, 2 * pause_mean_.count())};
  world_.after(pause, [this] {
    if (!running_) return;
    if (phone_.is_ready() && !phone_.is_away() && !phone_.is_lent()) act();
    schedule_next();
  });
}

void Workload::act() {
  const auto choice = random_.below(100);
  if (choice < 26) return decide_approval();
  if (choice < 30) return decide_in_bulk();
  if (choice < 45) return create_requisition();
  if (choice < 65) return edit_requisition();
  if (choice < 72) return submit_requisition();
  if (choice < 82) return receive_goods();
  if (choice < 88) return look_at("approval");
  if (choice < 91) return look_at_requisitions();
  if (choice < 94) return refresh_orders();
  if (choice < 99) return settle_failures();
  if (random_.chance(0.2)) return leave_for_a_while();
  if (random_.chance(0.3)) phone_.request("cache.clear", Json::object());
}

void Workload::hand_in(EntityKey entity, std::string action, nlohmann::json payload,
                       nlohmann::json extra, bool with_photo) {
  hand_in_as(phone_.make_id(), std::move(entity), std::move(action), std::move(payload),
             std::move(extra), with_photo);
}

void Workload::hand_in_as(const std::string& id, EntityKey entity, std::string action,
                          nlohmann::json payload, nlohmann::json extra, bool with_photo) {
  ++intents_;
  const EntityKey lane = entity;
  phone_.enqueue({id, std::move(entity), std::move(action), dump_json(payload), phone_.user_id()},
                 std::move(extra), [this, lane, id, with_photo](const Json& acknowledgement) {
                   read_back(lane, acknowledgement);
                   if (with_photo) take_photo(id);
                 });
}

// The camera's own file goes as soon as the engine has answered, whatever it said: the next photo
// needs the room.
void Workload::take_photo(const std::string& operation) {
  const std::string id = phone_.make_id();
  const std::string path = "/camera/" + id + ".jpg";
  std::vector<std::uint8_t> content{0xFF, 0xD8, 0xFF};
  content.resize(static_cast<std::size_t>(random_.between(1'000, kPhotoBytesMax)));
  for (std::size_t i = 3; i < content.size(); i += 97)
    content[i] = static_cast<std::uint8_t>(random_.below(256));
  phone_.disk().write_file(path, content);
  phone_.request(
      "attachments.add",
      {{"id", id}, {"operation", operation}, {"path", path}, {"content_type", "image/jpeg"}},
      [this, path](const Json& message) {
        (void)phone_.disk().erase_file(path);
        if (message.contains("result")) world_.observe_attached(phone_, message["result"]);
      });
}

// Users look at what they just did: the view must show it (INV-Q14).
void Workload::read_back(const EntityKey& entity, const Json& acknowledgement) {
  const Json params{
      {"type", entity.type}, {"id", entity.id}, {"commit_seq", acknowledgement["commit_seq"]}};
  phone_.request("documents.query", params, [this, params](const Json& message) {
    if (message.contains("result")) world_.observe_view(phone_, params, message["result"]);
  });
}

void Workload::decide_approval() {
  if (approvals_.empty()) return look_at("approval");
  const EntityKey approval{"approval", pick(random_, approvals_)};
  const auto choice = random_.below(10);
  if (choice < 5) return approve({approval.id}, "looks right", Json::object());
  if (choice < 7)
    return hand_in(approval, "reject", {{"comment", "beyond the budget of this quarter"}});
  hand_in(approval, "comment", {{"comment", "remark " + std::to_string(random_.below(1'000))}});
}

// Some of the list with one word and one proof of who says it (P-55).
void Workload::decide_in_bulk() {
  if (approvals_.size() < 2) return look_at("approval");
  const bool approves = random_.chance(0.7);
  const Json extra{{"group_id", phone_.make_id()},
                   {"attestation", {{"biometric_verified", true}, {"nonce", phone_.make_id()}}}};
  const auto first = random_.below(approvals_.size());
  const auto count = 2 + random_.below(kBulkMost - 1);
  const auto end = std::min<std::size_t>(first + count, approvals_.size());
  const std::vector<std::string> chosen(approvals_.begin() + static_cast<std::ptrdiff_t>(first),
                                        approvals_.begin() + static_cast<std::ptrdiff_t>(end));
  if (approves) return approve(chosen, "one of several", extra);
  for (const auto& id : chosen)
    hand_in({"approval", id}, "reject", {{"comment", "none of these this quarter"}}, extra);
}

// Whoever cannot prove it now, for want of a PIN or behind too many tries, gives it up.
void Workload::approve(const std::vector<std::string>& approvals, const std::string& comment,
                       const Json& extra) {
  Json operations = Json::array();
  for (const auto& approval : approvals) {
    if (!signs_approvals_) {
      hand_in({"approval", approval}, "approve", {{"comment", comment}}, extra);
      continue;
    }
    operations.push_back({{"id", phone_.make_id()},
                          {"entity_type", "approval"},
                          {"entity_id", approval},
                          {"action", "approve"},
                          {"payload", {{"comment", comment}}}});
  }
  if (!signs_approvals_) return;
  world_.observe_guess(phone_, true);
  const Json params{{"operations", operations}, {"pin", kOwnersPin}};
  phone_.request("operations.attest", params, [this, operations, extra](const Json& message) {
    if (!message.contains("result")) return;
    const Json& result = message["result"];
    world_.observe_guess_answered(phone_, true, result);
    if (!result.contains("attestation")) return;
    Json proven = extra;
    proven["attestation"] = result["attestation"];
    hand_in_proven(operations, proven);
  });
}

void Workload::hand_in_proven(const Json& operations, const Json& extra) {
  const bool is_careless = random_.chance(kCareless);
  for (const auto& operation : operations) {
    Json payload = operation["payload"];
    if (is_careless) payload["comment"] = "something else";
    hand_in_as(operation["id"], {"approval", operation["entity_id"]}, "approve", std::move(payload),
               extra, false);
  }
}

void Workload::create_requisition() {
  const std::string id = phone_.make_id();
  requisitions_.push_back(id);
  hand_in(
      {"pr", id}, "create",
      {{"title", "Requisition " + std::to_string(random_.below(10'000))},
       {"project", "Metro Depot"},
       {"lines",
        Json::array({Json{{"material", "Cement OPC 53"}, {"quantity", 1 + random_.below(50)}}})}});
}

void Workload::edit_requisition() {
  if (requisitions_.empty()) return create_requisition();
  const EntityKey requisition{"pr", pick(random_, requisitions_)};
  // Two edits of one item in a row are the seed's own scenario.
  const auto edits = 1 + random_.below(2);
  for (std::uint64_t i = 0; i < edits; ++i) {
    const char* field = random_.chance(0.7) ? "title" : "project";
    hand_in(requisition, "update", {{field, "Edited " + std::to_string(random_.below(10'000))}});
  }
}

void Workload::submit_requisition() {
  if (requisitions_.empty()) return create_requisition();
  hand_in({"pr", pick(random_, requisitions_)}, "submit", Json::object());
}

void Workload::receive_goods() {
  if (orders_.empty()) return;
  // One after the other: compilers differ in the order of a call's arguments.
  const bool with_photo = random_.chance(kWithPhoto) && may_have_files(world_.plan());
  const std::string order = pick(random_, orders_);
  const auto received = 1 + random_.below(20);
  hand_in(
      {"grn", phone_.make_id()}, "create",
      {{"po_id", order}, {"lines", Json::array({Json{{"line", 1}, {"received_qty", received}}})}},
      {}, with_photo);
}

// All of them, or those that somebody looks for, the latest first.
void Workload::look_at_requisitions() {
  if (random_.chance(0.5)) return look_at("pr");
  const char* text = random_.chance(0.5) ? "edited" : "requisition";
  look({{"type", "pr"},
        {"filter", {{"status", {{"in", {"draft", "submitted"}}}}}},
        {"text", text},
        {"sort", {{"by", "updated_at"}, {"order", "descending"}}},
        {"limit", 20}});
}

void Workload::look_at(const std::string& type) { look({{"type", type}, {"limit", 100}}); }

void Workload::look(const Json& params) {
  const std::string type = params["type"];
  phone_.request("documents.query", params, [this, params, type](const Json& message) {
    if (!message.contains("result")) return;
    world_.observe_view(phone_, params, message["result"]);
    if (type != "approval") return;
    approvals_.clear();
    for (const auto& document : message["result"]["documents"]) {
      approvals_.push_back(document["entity_id"].get<std::string>());
    }
  });
}

void Workload::refresh_orders() {
  if (orders_.empty()) return;
  phone_.request(
      "documents.refresh",
      {{"entities",
        Json::array({Json{{"entity_type", "po"}, {"entity_id", pick(random_, orders_)}}})}});
}

// What failed is retried more often than given up; notices are read.
void Workload::settle_failures() {
  phone_.request("operations.list", {{"limit", 200}}, [this](const Json& message) {
    if (!message.contains("result")) return;
    for (const auto& operation : message["result"]["operations"]) {
      if (operation["state"] != "failed") continue;
      const auto id = operation["id"].get<std::string>();
      // Told before it is asked: a crash may swallow the reply to what was done.
      if (random_.chance(0.7)) {
        world_.observe_retried(phone_, id);
        phone_.request("operations.retry", {{"id", id}});
      } else if (random_.chance(0.3)) {
        world_.observe_discarded(phone_, id);
        phone_.request("operations.discard", {{"id", id}, {"accept_unknown", true}});
      }
    }
  });
  phone_.request("conflicts.list", {{"limit", 20}}, [this](const Json& message) {
    if (!message.contains("result")) return;
    for (const auto& conflict : message["result"]["conflicts"]) decide_conflict(conflict);
  });
  phone_.request("notices.list", Json::object(), [this](const Json& message) {
    if (!message.contains("result") || message["result"]["notices"].empty()) return;
    phone_.request("notices.seen", {{"up_to", message["result"]["notices"].back()["notice"]}});
  });
}

// Some conflicts wait, some decisions are regretted at once.
void Workload::decide_conflict(const Json& conflict) {
  const auto choice = random_.below(10);
  if (choice < 4) return;
  const Json id{{"id", conflict["id"]}};
  Json word = id;
  word["choice"] = choice < 8 ? "mine" : "theirs";
  word["attestation"] = {{"biometric_verified", true}};
  phone_.request("conflicts.resolve", word);
  if (random_.chance(0.2)) phone_.request("conflicts.reopen", id);
}

void Workload::leave_for_a_while() {
  phone_.set_wants_session(false);
  phone_.logout();
  world_.after(Duration{random_.between(5'000, 300'000)}, [this] {
    phone_.set_wants_session(true);
    // The logout may have been refused beside a login that failed: then the session is still one to
    // renew, and nobody but its user does.
    const std::string& status = phone_.session_status();
    const bool is_out = status == "unauthenticated" || status == "reauthRequired";
    if (phone_.is_running() && is_out) phone_.login();
  });
}

}  // namespace landfall::world
