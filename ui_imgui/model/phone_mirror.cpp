#include "ui_imgui/model/phone_mirror.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <utility>

#include "simulator/oracles/outbox.hpp"
#include "simulator/world/world.hpp"
#include "ui_imgui/model/event_log.hpp"
#include "ui_imgui/model/read_conflict.hpp"
#include "ui_imgui/model/read_reply.hpp"

namespace landfall::ui {
namespace {

using nlohmann::json;

// Waiting operations that are explained one by one; the others are shown without a next attempt.
constexpr std::size_t kExplainedMax = 60;
constexpr int kDocumentsMax = 100;
constexpr std::size_t kDecidedMax = 50;
constexpr std::int64_t kAskEveryMs = 5'000;
constexpr std::array<std::string_view, 3> kTypes{"approval", "pr", "kpi"};

// Lanes with work first, and the youngest first among equals.
bool stands_before(const LaneView& a, std::int64_t a_seq, const LaneView& b, std::int64_t b_seq) {
  if (a.is_settled != b.is_settled) return b.is_settled;
  return a_seq > b_seq;
}

}  // namespace

// What came back so far. Whole when nothing is open and nothing was refused.
struct PhoneMirror::Reading {
  int open = 0;
  bool refused = false;
  bool locked = false;  // refused because nobody is in, or the app is locked: nothing may be shown
  bool has_outbox = false;
  std::vector<json> operations;
  std::map<std::string, json> documents;  // by type: the list of a query
  json notices = json::array();
  std::shared_ptr<ConflictInbox> conflicts = std::make_shared<ConflictInbox>();
  std::size_t failed = 0;
  std::map<std::string, json> explanations;

  [[nodiscard]] bool is_whole() const { return open == 0 && !refused && has_outbox; }
};

void PhoneMirror::on_event(world::World&, world::Phone& phone, const std::string&, const json&) {
  stale_.insert(&phone);
}

void PhoneMirror::on_acknowledged(world::World&, world::Phone& phone, const world::Intent&,
                                  const json&) {
  stale_.insert(&phone);
}

bool PhoneMirror::is_due(const world::World& world, const world::Phone& phone,
                         const std::string& selected) const {
  return stale_.contains(&phone) || shown_ != &phone || shown_selected_ != selected ||
         world.now().unix_ms >= asked_ms_ + kAskEveryMs;
}

void PhoneMirror::refresh(world::World& world, world::Phone& phone, Snapshot& snapshot) {
  const std::string selected = snapshot.selected;
  if (!is_due(world, phone, selected)) return;
  if (shown_ != &phone) show(Reading{}, snapshot);
  stale_.erase(&phone);
  shown_ = &phone;
  shown_selected_ = selected;
  asked_ms_ = world.now().unix_ms;
  snapshot.outbox_is_readable = false;
  if (!phone.is_running()) return;
  const auto reading = std::make_shared<Reading>();
  ask_all(world, phone, reading);
  world.settle();
  if (!reading->is_whole()) {
    if (reading->locked) show(Reading{}, snapshot);
    return;
  }
  ask_explanations(phone, reading, selected);
  world.settle();
  if (reading->open > 0) return;
  snapshot.outbox_is_readable = true;
  show(*reading, snapshot);
}

void PhoneMirror::ask_all(world::World& world, world::Phone& phone, const SharedReading& reading) {
  const auto ask = [&phone, reading](const std::string& request, json params,
                                     std::function<void(const json& result)> then) {
    ++reading->open;
    phone.request(request, std::move(params), [reading, then](const json& message) {
      --reading->open;
      if (message.contains("result")) {
        then(message["result"]);
      } else {
        reading->refused = true;
        const auto error = message.value("error", json::object());
        const std::string code = error.value("code", "");
        if (code == "engine.locked" || code == "session.locked") reading->locked = true;
      }
    });
  };
  const json& entities = world.profile()["entities"];
  for (const std::string_view name : kTypes) {
    const std::string type{name};
    if (!entities.contains(type)) continue;  // another app's
    const json params{{"type", type}, {"limit", kDocumentsMax}};
    ask("documents.query", params, [&world, &phone, reading, type, params](const json& result) {
      reading->documents[type] = result["documents"];
      world.observe_view(phone, params, result);  // the oracles judge what the window shows
    });
  }
  if (!entities.contains(std::string{kTypes.front()})) ask_other_types(phone, entities, reading);
  ask("notices.list", json::object(),
      [reading](const json& result) { reading->notices = result["notices"]; });
  ask_conflicts(
      [ask](json params, const auto& then) { ask("conflicts.list", std::move(params), then); },
      kDecidedMax, reading->conflicts);
  ask("operations.counts", json::object(),
      [reading](const json& result) { reading->failed = result["failed"]; });
  ++reading->open;
  oracles::ask_outbox(phone, [reading](const auto& outbox) {
    --reading->open;
    reading->has_outbox = outbox.has_value();
    if (outbox) reading->operations = *outbox;
  });
}

// What another app has. A type that is never stored is refused, and that is no matter.
void PhoneMirror::ask_other_types(world::Phone& phone, const json& entities,
                                  const SharedReading& reading) {
  for (const auto& entity : entities.items()) {
    ++reading->open;
    phone.request("documents.query", {{"type", entity.key()}, {"limit", kDocumentsMax}},
                  [reading, type = entity.key()](const json& message) {
                    --reading->open;
                    if (message.contains("result"))
                      reading->documents[type] = message["result"]["documents"];
                  });
  }
}

void PhoneMirror::ask_explanations(world::Phone& phone, const SharedReading& reading,
                                   const std::string& selected) {
  std::vector<std::string> wanted;
  for (const auto& operation : reading->operations) {
    const OperationView view = operation_of(operation);
    const bool waits = !view.is_settled && wanted.size() < kExplainedMax;
    if (waits || view.id == selected) wanted.push_back(view.id);
  }
  for (const auto& id : wanted) {
    ++reading->open;
    phone.request("operations.explain", {{"id", id}}, [reading, id](const json& message) {
      --reading->open;
      if (message.contains("result")) reading->explanations[id] = message["result"];
    });
  }
}

// --- what is shown

void PhoneMirror::learn_titles(const Snapshot& snapshot) {
  for (const auto& approval : snapshot.approvals) {
    titles_[{"approval", approval.id}] = {approval.number, approval.title};
  }
  for (const auto& requisition : snapshot.requisitions) {
    if (!requisition.title.empty())
      titles_[{"pr", requisition.id}] = {requisition.title, requisition.project};
  }
}

PhoneMirror::Title PhoneMirror::title_of(const EntityKey& entity) const {
  const auto found = titles_.find(entity);
  return found == titles_.end() ? Title{short_id(entity.id), ""} : found->second;
}

std::vector<LaneView> PhoneMirror::lanes_of(const Reading& reading) const {
  struct Growing {
    LaneView lane;
    std::int64_t last_seq = 0;
  };
  std::map<EntityKey, Growing> by_entity;
  for (const auto& operation : reading.operations) {
    const EntityKey entity{operation.value("entity_type", ""), operation.value("entity_id", "")};
    Growing& growing = by_entity[entity];
    OperationView view = operation_of(operation);
    const auto explained = reading.explanations.find(view.id);
    if (explained != reading.explanations.end())
      view.next_attempt_ms = time_at(explained->second, "next_attempt_at");
    growing.lane.operations.push_back(std::move(view));
    growing.last_seq = operation.value("seq", std::int64_t{0});
  }
  std::vector<Growing> sorted;
  for (auto& [entity, growing] : by_entity) {
    LaneView& lane = growing.lane;
    lane.entity_type = entity.type;
    lane.entity_id = entity.id;
    const Title title = title_of(entity);
    lane.title = title.name;
    lane.detail = title.detail;
    lane.is_settled = std::all_of(lane.operations.begin(), lane.operations.end(),
                                  [](const auto& operation) { return operation.is_settled; });
    sorted.push_back(std::move(growing));
  }
  std::sort(sorted.begin(), sorted.end(), [](const Growing& a, const Growing& b) {
    return stands_before(a.lane, a.last_seq, b.lane, b.last_seq);
  });
  std::vector<LaneView> lanes;
  for (auto& growing : sorted) lanes.push_back(std::move(growing.lane));
  return lanes;
}

void PhoneMirror::show_documents(const Reading& reading, Snapshot& snapshot) {
  const auto documents = [&](const char* type) {
    const auto found = reading.documents.find(type);
    return found == reading.documents.end() ? json::array() : found->second;
  };
  snapshot.approvals.clear();
  for (const auto& document : documents("approval"))
    snapshot.approvals.push_back(approval_of(document));
  // What waits for a decision first; by number within.
  std::sort(snapshot.approvals.begin(), snapshot.approvals.end(), [](const auto& a, const auto& b) {
    const bool a_waits = a.status == "pending", b_waits = b.status == "pending";
    return a_waits != b_waits ? a_waits : std::pair(a.number, a.id) < std::pair(b.number, b.id);
  });
  snapshot.requisitions.clear();
  for (const auto& document : documents("pr"))
    snapshot.requisitions.push_back(requisition_of(document));
  snapshot.kpis.clear();
  for (const auto& document : documents("kpi")) snapshot.kpis.push_back(kpi_of(document));
  snapshot.documents.clear();
  for (const auto& [type, list] : reading.documents) {
    if (std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end()) continue;
    for (const auto& document : list) snapshot.documents.push_back(document_of(document));
  }
  learn_titles(snapshot);
}

// What waits for its user first, and the youngest first among equals.
void PhoneMirror::show_conflicts(const Reading& reading, Snapshot& snapshot) const {
  snapshot.conflicts.clear();
  for (const auto* part : {&reading.conflicts->open, &reading.conflicts->decided}) {
    for (auto each = part->rbegin(); each != part->rend(); ++each) {
      ConflictView view = conflict_of(each->second);
      view.title = title_of({view.entity_type, each->second.value("entity_id", "")}).name;
      snapshot.conflicts.push_back(std::move(view));
    }
  }
}

void PhoneMirror::show(const Reading& reading, Snapshot& snapshot) {
  show_documents(reading, snapshot);
  show_conflicts(reading, snapshot);
  snapshot.lanes = lanes_of(reading);
  snapshot.failed = reading.failed;
  std::map<std::string, std::string> titles;
  for (const auto& lane : snapshot.lanes) {
    for (const auto& operation : lane.operations)
      titles[operation.id] = lane.title + (lane.detail.empty() ? "" : "  " + lane.detail);
  }
  snapshot.notices.clear();
  for (const auto& notice : reading.notices) {
    snapshot.notices.push_back(notice_of(notice));
    snapshot.notices.back().title = titles[snapshot.notices.back().operation];
  }
  snapshot.explanation.reset();
  const auto explained = reading.explanations.find(snapshot.selected);
  if (explained == reading.explanations.end()) return;
  snapshot.explanation = explanation_of(explained->second);
  snapshot.explanation->lane_title = titles[snapshot.selected];
}

}  // namespace landfall::ui
