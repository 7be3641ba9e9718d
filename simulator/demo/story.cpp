#include "simulator/demo/story.hpp"

#include <optional>
#include <utility>

#include "engine/base/json.hpp"
#include "simulator/demo/script.hpp"

namespace landfall::demo {
namespace {

using faults::Fault;

constexpr std::size_t kDecided = 3;  // approvals
// How long the bad network goes on once everything that was promised has struck.
constexpr Duration kBadNetworkMax{90'000};

std::string number_of(const Json& document) { return document["data"].value("number", ""); }

EntityKey key_of(const Json& document) {
  return {document["entity_type"].get<std::string>(), document["entity_id"].get<std::string>()};
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
    : cast_(cast),
      random_(Random::stream(seed, "demo/story")),
      user_(cast.phone, cast.around.clock(), cast.display, cast.narrator) {}

Status Story::play() {
  tell("Asha logs in");
  LANDFALL_TRY(user_.log_in());
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

Status Story::read_ahead() {
  LANDFALL_TRY(cast_.phone.wait_until("the first pull",
                                      [](const PhoneState& state) { return state.pulls > 0; }));
  LANDFALL_TRY_ASSIGN(approvals_, user_.read("approval"));
  LANDFALL_TRY_ASSIGN(const auto kpis, user_.read("kpi"));
  if (approvals_.size() <= kDecided || kpis.empty())
    return failure(ErrorClass::internal, "demo.data", "the first pull brought too little");

  std::optional<EntityKey> order;
  std::optional<EntityKey> requisition;
  cast_.around.server().with_backend([&](backend::Backend& backend, Instant) {
    order = find_document(backend, "po", "dispatched");
    requisition = find_document(backend, "pr", "draft");
  });
  if (!order || !requisition)
    return failure(ErrorClass::internal, "demo.data", "the backend has no order to work on");
  LANDFALL_TRY(user_.refresh({*order, *requisition}));
  LANDFALL_TRY_ASSIGN(const auto orders, user_.read("po"));
  LANDFALL_TRY_ASSIGN(const auto requisitions, user_.read("pr"));
  if (orders.empty() || requisitions.empty())
    return failure(ErrorClass::internal, "demo.data", "a refresh brought no document");
  order_ = orders.front();
  requisition_ = requisitions.front();
  user_.says("reads " + std::to_string(approvals_.size()) + " approvals, " +
             std::to_string(kpis.size()) + " KPIs, " + number_of(order_) + " and " +
             number_of(requisition_));
  return {};
}

// --- out of reach -------------------------------------------------------------------------------

Status Story::go_offline() {
  tell("The network is gone");
  cast_.display.show_network("none");
  cast_.around.proxy().set_up(false);
  // An answer that was still on its way disproves the hint; then it is repeated.
  while (cast_.phone.state().connectivity != "offline") {
    LANDFALL_TRY(cast_.phone.ask("network.hint", {{"up", false}}));
    LANDFALL_TRY(user_.pause());
  }
  return {};
}

Status Story::work_offline() {
  const std::string requisition = number_of(requisition_);
  created_ = {"pr", user_.make_id()};
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
       {"grn", user_.make_id()},
       "create",
       {{"po_id", key_of(order_).id},
        {"lines", Json::array({Json{{"line", 1}, {"received_qty", 12}}})}}}};
  for (const Intent& intent : intents) LANDFALL_TRY(user_.hand_in(intent));
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
  user_.says("sees " + number_of(approvals_[0]) + " approved, waiting to be sent");
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

Status Story::meet_bad_network() {
  tell("Somebody listens, over a bad network");
  cast_.display.show_network("bad");
  auto& proxy = cast_.around.proxy();
  for (auto& fault : scripted_faults(cast_.around.path_of("push"), cast_.around.path_of("pull")))
    proxy.script(std::move(fault));
  proxy.set_plan(draw_plan(random_));
  proxy.set_up(true);
  return user_.tend_until("every scripted fault to strike",
                          [&proxy](const PhoneState&) { return proxy.scripted() == 0; });
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
    LANDFALL_TRY(user_.hand_in(intent));
    LANDFALL_TRY(user_.pause());
  }
  const Instant until = cast_.around.clock().now() + kBadNetworkMax;
  return user_.tend_until("her work to be sent", [&](const PhoneState& state) {
    return user_.is_settled(state) || cast_.around.clock().now() >= until;
  });
}

Status Story::come_to_rest() {
  tell("The network is good");
  cast_.display.show_network("good");
  auto& proxy = cast_.around.proxy();
  proxy.set_plan(faults::FaultPlan::none());
  LANDFALL_TRY(user_.tend_until("every operation to be settled", [this](const PhoneState& state) {
    return user_.is_settled(state);
  }));
  // Also what was doubled on its way must have arrived before the effects are counted.
  LANDFALL_TRY(cast_.phone.wait_until("the network to be empty",
                                      [&](const PhoneState&) { return proxy.travelling() == 0; }));
  const int before = cast_.phone.state().pulls;
  LANDFALL_TRY(cast_.phone.ask("sync.now"));
  return user_.tend_until("the last pull",
                          [before](const PhoneState& state) { return state.pulls > before; });
}

}  // namespace landfall::demo
