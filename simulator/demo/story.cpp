#include "simulator/demo/story.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/json.hpp"

namespace landfall::demo {
namespace {

using faults::Fault;

constexpr std::size_t kDecided = 3;  // approvals
// Classes of faults that strike beside the script.
constexpr std::size_t kFaultsOnTop = 4;
// How long the bad network goes on once everything that was promised has struck.
constexpr Duration kBadNetworkMax{90'000};

std::string number_of(const Json& document) { return document["data"].value("number", ""); }

EntityKey key_of(const Json& document) {
  return {document["entity_type"].get<std::string>(), document["entity_id"].get<std::string>()};
}

bool is_over(const std::string& state) {
  return state == "applied" || state == "rejected" || state == "conflict";
}

bool is_logged_out(const PhoneState& state) {
  return state.session == "unauthenticated" || state.session == "reauthRequired";
}

// The first document of a type whose status is this one, as somebody's paper has its number and
// code.
std::optional<EntityKey> find_document(backend::Backend& backend, const std::string& type,
                                       const std::string& status) {
  for (const auto& document : backend.documents()) {
    if (document.key.type != type || document.deleted) continue;
    if (Json::parse(document.data).value("status", "") == status) return document.key;
  }
  return std::nullopt;
}

}  // namespace

Story::Story(Cast cast, std::uint64_t seed)
    : cast_(cast), random_(Random::stream(seed, "demo/story")) {}

Status Story::play() {
  LANDFALL_TRY(log_in());
  LANDFALL_TRY(read_ahead());
  LANDFALL_TRY(go_offline());
  LANDFALL_TRY(work_offline());
  LANDFALL_TRY(look_at_approval());
  LANDFALL_TRY(edit_as_other());
  LANDFALL_TRY(meet_refusals());
  LANDFALL_TRY(meet_bad_network());
  LANDFALL_TRY(work_on());
  return come_to_rest();
}

// --- at the desk --------------------------------------------------------------------------------

Status Story::log_in() {
  tell("Asha logs in");
  LANDFALL_TRY(cast_.phone.wait_until("the engine to open", [](const PhoneState& state) {
    return state.engine == "locked" || state.engine == "ready";
  }));
  const auto& user = Surroundings::user();
  while (true) {
    const auto answer =
        cast_.phone.ask("session.login", {{"email", user.email}, {"password", user.password}});
    if (answer) break;
    const std::string& code = answer.error().code;
    const bool may_pass = code == "session.busy" || code == "login.no_connection" ||
                          code == "login.server_error" || code == "login.answer_invalid";
    if (!may_pass) return failure(answer.error());
    cast_.display.say(Who::user, "cannot log in, and tries again: " + code);
    LANDFALL_TRY(pause());
  }
  return cast_.phone.wait_until("the session", [](const PhoneState& state) {
    return state.session == "authenticated" && state.engine == "ready";
  });
}

// As long as a person takes to try again.
Status Story::pause() {
  const Instant until = cast_.around.clock().now() + Duration{2'000};
  return cast_.phone.wait_until(
      "a pause", [&](const PhoneState&) { return cast_.around.clock().now() >= until; });
}

Result<std::vector<Json>> Story::documents(const std::string& type) {
  LANDFALL_TRY_ASSIGN(const Json result, cast_.phone.ask("documents.query", {{"type", type}}));
  return result["documents"].get<std::vector<Json>>();
}

Status Story::read_ahead() {
  LANDFALL_TRY(cast_.phone.wait_until("the first pull",
                                      [](const PhoneState& state) { return state.pulls > 0; }));
  LANDFALL_TRY_ASSIGN(auto approvals, documents("approval"));
  LANDFALL_TRY_ASSIGN(const auto kpis, documents("kpi"));
  if (approvals.size() <= kDecided || kpis.empty())
    return failure(ErrorClass::internal, "demo.data", "the first pull brought too little");
  approvals_ = approvals;

  std::optional<EntityKey> order;
  std::optional<EntityKey> requisition;
  cast_.around.server().with_backend([&](backend::Backend& backend, Instant) {
    order = find_document(backend, "po", "dispatched");
    requisition = find_document(backend, "pr", "draft");
  });
  if (!order || !requisition)
    return failure(ErrorClass::internal, "demo.data", "the backend has no order to work on");
  const Json wanted =
      Json::array({{{"entity_type", order->type}, {"entity_id", order->id}},
                   {{"entity_type", requisition->type}, {"entity_id", requisition->id}}});
  LANDFALL_TRY(cast_.phone.ask("documents.refresh", {{"entities", wanted}}));
  LANDFALL_TRY_ASSIGN(const auto orders, documents("po"));
  LANDFALL_TRY_ASSIGN(const auto requisitions, documents("pr"));
  if (orders.empty() || requisitions.empty())
    return failure(ErrorClass::internal, "demo.data", "a refresh brought no document");
  order_ = orders.front();
  requisition_ = requisitions.front();
  cast_.display.say(Who::user, "reads " + std::to_string(approvals.size()) + " approvals, " +
                                   std::to_string(kpis.size()) + " KPIs, " + number_of(order_) +
                                   " and " + number_of(requisition_));
  return {};
}

// --- out of reach -------------------------------------------------------------------------------

Status Story::go_offline() {
  tell("The network is gone");
  cast_.display.show_network("none");
  cast_.around.proxy().set_up(false);
  LANDFALL_TRY(cast_.phone.ask("network.hint", {{"up", false}}));
  return cast_.phone.wait_until("the phone to be offline", [](const PhoneState& state) {
    return state.connectivity == "offline";
  });
}

Status Story::hand_in(const Intent& intent) {
  OperationRecord record;
  record.id = to_text(make_id<OperationId>(cast_.around.clock().now(), ids_));
  record.entity = intent.entity;
  record.label = intent.label;
  record.expected = intent.expected;
  cast_.narrator.name_operation(record.id, record.label);
  LANDFALL_TRY(cast_.phone.ask("operations.enqueue", {{"id", record.id},
                                                      {"entity_type", intent.entity.type},
                                                      {"entity_id", intent.entity.id},
                                                      {"action", intent.action},
                                                      {"payload", intent.payload}}));
  accepted_.push_back(std::move(record));
  cast_.display.say(Who::user, intent.label + ": accepted, on the disk");
  return {};
}

Status Story::work_offline() {
  const auto new_id = [this] {
    return to_text(make_id<RequestId>(cast_.around.clock().now(), ids_));
  };
  const std::string requisition = number_of(requisition_);
  created_ = {"pr", new_id()};
  const std::vector<Intent> intents{
      {"approve " + number_of(approvals_[0]),
       key_of(approvals_[0]),
       "approve",
       {{"comment", "looks right"}}},
      {"approve " + number_of(approvals_[1]),
       key_of(approvals_[1]),
       "approve",
       {{"comment", "as discussed"}},
       "conflict"},
      {"reject " + number_of(approvals_[2]),
       key_of(approvals_[2]),
       "reject",
       {{"comment", "beyond the budget of this quarter"}}},
      {"edit " + requisition,
       key_of(requisition_),
       "update",
       {{"title", "Steel for the depot, second lot"}}},
      {"edit " + requisition + " again",
       key_of(requisition_),
       "update",
       {{"needed_by", "2026-12-01"}}},
      {"create a requisition",
       created_,
       "create",
       {{"title", "Cement for the foundation"}, {"project", "Metro Depot"}}},
      {"confirm goods of " + number_of(order_),
       {"grn", new_id()},
       "create",
       {{"po_id", key_of(order_).id},
        {"lines", Json::array({Json{{"line", 1}, {"received_qty", 12}}})}}}};
  for (const Intent& intent : intents) LANDFALL_TRY(hand_in(intent));
  return {};
}

// What she did is what she sees, long before the server hears of it.
Status Story::look_at_approval() {
  const EntityKey key = key_of(approvals_[0]);
  LANDFALL_TRY_ASSIGN(const Json result,
                      cast_.phone.ask("documents.query", {{"type", key.type}, {"id", key.id}}));
  const Json& documents = result["documents"];
  if (documents.size() != 1 || documents[0]["data"].value("status", "") != "approved" ||
      !documents[0].value("pending_sync", false)) {
    return failure(ErrorClass::internal, "demo.view",
                   "an approval that was handed in does not show: " + dump_json(result));
  }
  cast_.display.say(Who::user,
                    "sees " + number_of(approvals_[0]) + " approved, waiting to be sent");
  return {};
}

Status Story::edit_as_other() {
  const EntityKey key = key_of(approvals_[1]);
  Result<std::int64_t> changed = std::int64_t{0};
  cast_.around.server().with_backend([&](backend::Backend& backend, Instant now) {
    changed = backend.edit_as_other(key, Json{{"note", "the price has changed"}}, now);
  });
  if (!changed) return failure(changed.error());
  own_faults_.add(Fault::edited_by_other);
  cast_.display.say(Who::other, "changes " + number_of(approvals_[1]) + " on the server");
  return {};
}

// --- a bad network, and a good one ---------------------------------------------------------------

std::vector<Fault> Story::promised() {
  return {Fault::refused,       Fault::lost_answer,       Fault::server_error,
          Fault::retry_after,   Fault::unauthorized,      Fault::cut_body,
          Fault::offline_spell, Fault::duplicate_request, Fault::edited_by_other};
}

// The phone believes in its network again, and nobody listens: the system refuses its connections.
Status Story::meet_refusals() {
  tell("The phone sees a network again, and nobody listens");
  cast_.display.show_network("refuses");
  const int before = cast_.phone.state().not_sent;
  LANDFALL_TRY(cast_.phone.ask("network.hint", {{"up", true}}));
  LANDFALL_TRY(cast_.phone.wait_until("refused connections", [before](const PhoneState& state) {
    return state.not_sent >= before + 2;
  }));
  for (int i = before; i < cast_.phone.state().not_sent; ++i) own_faults_.add(Fault::refused);
  return {};
}

// In the order in which they strike. The push is refused, loses its token, is decided without a
// word, and then heard twice; beside it the pull breaks off, is told to wait, and is not answered.
void Story::script_faults() {
  const auto path_of = [this](const std::string& endpoint) {
    return cast_.around.path_of(endpoint);
  };
  const auto script = [&](faults::ScriptedFault fault) {
    cast_.around.proxy().script(std::move(fault));
  };
  const std::string push = path_of("push");
  const std::string pull = path_of("pull");
  script({Fault::server_error, push, 0, 1, 503});
  script({Fault::unauthorized, push});
  script({Fault::lost_answer, push});
  script({Fault::duplicate_request, push});
  script({Fault::cut_body, pull});
  script({Fault::retry_after, pull, 0, 1, 503, Duration{5'000}});
  script({Fault::lost_answer, pull});
}

// A few classes at a time: the way through must not be so narrow that the ladders take minutes.
faults::FaultPlan Story::draw_plan() {
  std::vector<Fault> classes{Fault::slow,        Fault::server_error, Fault::late_error,
                             Fault::retry_after, Fault::lost_answer,  Fault::lost_request,
                             Fault::cut_body,    Fault::garbage_body, Fault::duplicate_request};
  faults::FaultPlan plan;
  while (plan.per_call.size() < kFaultsOnTop) {
    const auto at = static_cast<std::ptrdiff_t>(random_.below(classes.size()));
    plan.per_call[classes[static_cast<std::size_t>(at)]] = 0.05 + 0.10 * random_.unit();
    classes.erase(classes.begin() + at);
  }
  return plan;
}

Status Story::meet_bad_network() {
  tell("Somebody listens, over a bad network");
  cast_.display.show_network("bad");
  auto& proxy = cast_.around.proxy();
  script_faults();
  proxy.set_plan(draw_plan());
  proxy.set_up(true);
  return tend_until("every scripted fault to strike",
                    [&proxy](const PhoneState&) { return proxy.scripted() == 0; });
}

bool Story::is_settled(const PhoneState& state) const {
  return std::all_of(accepted_.begin(), accepted_.end(), [&](const OperationRecord& operation) {
    const auto found = state.operations.find(operation.id);
    return found != state.operations.end() && is_over(found->second);
  });
}

// What she does now leaves at once, and meets what the seed has drawn.
Status Story::work_on() {
  tell("Asha works on, over the same network");
  const std::vector<Intent> intents{
      {"comment on " + number_of(approvals_[kDecided]),
       key_of(approvals_[kDecided]),
       "comment",
       {{"comment", "which supplier is this?"}}},
      {"edit the new requisition", created_, "update", {{"needed_by", "2026-12-15"}}},
      {"submit the new requisition", created_, "submit", Json::object()}};
  for (const Intent& intent : intents) {
    LANDFALL_TRY(hand_in(intent));
    LANDFALL_TRY(pause());
  }
  const Instant until = cast_.around.clock().now() + kBadNetworkMax;
  return tend_until("her work to be sent", [&](const PhoneState& state) {
    return is_settled(state) || cast_.around.clock().now() >= until;
  });
}

Status Story::come_to_rest() {
  tell("The network is good");
  cast_.display.show_network("good");
  auto& proxy = cast_.around.proxy();
  proxy.set_plan(faults::FaultPlan::none());
  LANDFALL_TRY(tend_until("every operation to be settled",
                          [this](const PhoneState& state) { return is_settled(state); }));
  // Also what was doubled on its way must have arrived before the effects are counted.
  LANDFALL_TRY(cast_.phone.wait_until("the network to be empty",
                                      [&](const PhoneState&) { return proxy.travelling() == 0; }));
  const int before = cast_.phone.state().pulls;
  LANDFALL_TRY(cast_.phone.ask("sync.now"));
  return tend_until("the last pull",
                    [before](const PhoneState& state) { return state.pulls > before; });
}

// --- what a user does about trouble --------------------------------------------------------------

bool Story::needs_tending(const PhoneState& state) const {
  if (is_logged_out(state)) return true;
  return std::any_of(state.operations.begin(), state.operations.end(),
                     [](const auto& operation) { return operation.second == "failed"; });
}

// An operation whose retries are spent waits for its user, and a session that ended for a login.
Status Story::tend(const PhoneState& state) {
  if (is_logged_out(state)) return log_in();
  for (const OperationRecord& operation : accepted_) {
    const auto found = state.operations.find(operation.id);
    if (found == state.operations.end() || found->second != "failed") continue;
    cast_.display.say(Who::user, "retries " + operation.label);
    // A receipt may have come first: then there is nothing left to retry.
    (void)cast_.phone.ask("operations.retry", {{"id", operation.id}});
    LANDFALL_TRY(cast_.phone.wait_until(
        operation.label + " to be taken up again",
        [&](const PhoneState& now) { return now.operations.at(operation.id) != "failed"; }));
  }
  return {};
}

Status Story::tend_until(const std::string& what, const Done& done) {
  while (true) {
    LANDFALL_TRY(cast_.phone.wait_until(
        what, [&](const PhoneState& state) { return done(state) || needs_tending(state); }));
    const PhoneState state = cast_.phone.state();
    if (needs_tending(state)) {
      LANDFALL_TRY(tend(state));
    } else if (done(state)) {
      return {};
    }
  }
}

}  // namespace landfall::demo
