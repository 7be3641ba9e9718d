#include "simulator/oracles/read_your_writes.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

bool has_ended(const BookedOperation& operation) {
  const std::string state = operation.state();
  return operation.verdict_at || operation.discarded || state == "superseded" ||
         state == "cancelled";
}

// A verdict that came while the disk had no room for it was heard and not taken: its user may still
// give the operation up, and what it did comes with a pull.
bool is_given_up(const BookedOperation& operation) {
  return operation.discarded && operation.state() != "applied";
}

}  // namespace

void ReadYourWrites::on_view(world::World& world, world::Phone& phone, const nlohmann::json& params,
                             const nlohmann::json& result) {
  View view;
  view.phone = &phone;
  view.commit_seq = result.value("commit_seq", std::int64_t{0});
  const auto asked = params.value("commit_seq", std::int64_t{0});
  if (view.commit_seq < asked) {
    world.violate("INV-Q14", phone.name() + " answers a view as of commit " +
                                 std::to_string(view.commit_seq) + ", asked for " +
                                 std::to_string(asked));
  }
  for (const auto& document : result.value("documents", nlohmann::json::array())) {
    View shown = view;
    shown.is_there = true;
    shown.entity = {document.value("entity_type", ""), document.value("entity_id", "")};
    shown.pending_sync = document.value("pending_sync", false);
    if (document.contains("row_version") && document["row_version"].is_number_integer())
      shown.row_version = document["row_version"].get<std::int64_t>();
    for (const auto& operation : document.value("operations", nlohmann::json::array()))
      shown.operations.insert(operation.value("id", ""));
    judge(world, shown);
  }
  if (!params.contains("id") || !result.value("documents", nlohmann::json::array()).empty()) return;
  view.entity = {params.value("type", ""), params.value("id", "")};
  judge(world, view);
}

void ReadYourWrites::judge(world::World& world, const View& view) {
  if (view.pending_sync == view.operations.empty()) {
    world.violate("INV-Q14", view.phone->name() + " shows " + view.entity.type + "/" +
                                 view.entity.id + " with a badge that its operations belie");
  }
  for (const auto& id : book_.lane({view.phone, view.entity})) {
    const auto* operation = book_.find(id);
    if (operation->commit_seq && *operation->commit_seq <= view.commit_seq)
      judge_operation(world, view, *operation);
  }
  if (view.is_there && view.row_version > 0) judge_version(world, view);
}

void ReadYourWrites::judge_operation(world::World& world, const View& view,
                                     const BookedOperation& operation) {
  if (view.operations.contains(operation.id)) return;
  const std::string what = view.phone->name() + " shows " + view.entity.type + "/" +
                           view.entity.id + " at " + format_rfc3339(world.now());
  if (!has_ended(operation)) {
    // Nothing to lay an operation over: only a create brings its entity itself.
    if (!view.is_there && operation.action != "create") return;
    if (unsure_.contains(operation.id)) return;
    world.violate("INV-Q14", what + " without the acknowledged " + operation.id + " (" +
                                 operation.action + ", " + operation.state() + ")");
  } else if (view.is_there && operation.applied_version && !is_given_up(operation) &&
             view.row_version < *operation.applied_version) {
    world.violate("INV-Q14", what + " in version " + std::to_string(view.row_version) +
                                 " and neither " + operation.id + " nor version " +
                                 std::to_string(*operation.applied_version) +
                                 ", which it produced");
  }
}

void ReadYourWrites::judge_version(world::World& world, const View& view) {
  auto& newest = newest_[{view.phone, view.entity}];
  const auto [commit_seq, row_version] = newest;
  if (view.commit_seq < commit_seq) return;  // an older picture that came late
  if (view.row_version < row_version) {
    world.violate("INV-Q14", view.phone->name() + " goes back with " + view.entity.type + "/" +
                                 view.entity.id + " from version " + std::to_string(row_version) +
                                 " to " + std::to_string(view.row_version) + " at " +
                                 format_rfc3339(world.now()));
  }
  newest = {view.commit_seq, view.row_version};
}

void ReadYourWrites::on_request(world::World&, world::Phone& phone, const http::Request&,
                                const std::vector<world::SentOperation>& operations) {
  if (operations.empty() || !book_.is_out_of_sight(phone)) return;
  for (const auto& [id, operation] : book_.operations())
    if (operation.phone == &phone && !has_ended(operation)) unsure_.insert(id);
}

void ReadYourWrites::on_event(world::World&, world::Phone& phone, const std::string& event,
                              const nlohmann::json& data) {
  if (event == "operation.changed") unsure_.erase(data.value("id", ""));
  if (event == "engine.state" && data.value("state", "") == "opening") doubt_decided(phone);
  if (event != "conflict.changed") return;
  in_conflict_.insert({&phone, {data.value("entity_type", ""), data.value("entity_id", "")}});
}

// The word about what the user decided last may be lost, where a process dies or a store is opened
// anew.
void ReadYourWrites::doubt_decided(const world::Phone& phone) {
  for (const auto& lane : in_conflict_) {
    if (lane.first != &phone) continue;
    for (const auto& id : book_.lane(lane)) {
      if (book_.find(id)->state() == "blocked") unsure_.insert(id);
    }
  }
}

// A power cut may take back what was pulled but not yet synced.
void ReadYourWrites::on_crash(world::World&, world::Phone& phone, bool power) {
  doubt_decided(phone);
  if (!power) return;
  std::erase_if(newest_, [&](const auto& entry) { return entry.first.first == &phone; });
}

}  // namespace landfall::oracles
