#include "engine/base/random.hpp"
#include "engine/profile/profile.hpp"
#include "engine/sync/overlay.hpp"
#include "tests/engine/sync/pull_rig.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace landfall::pull_test {
namespace {

using profile::ActionKind;
using sync::Document;
using sync::LaidOperation;
using sync::OperationState;

const EntityKey kEntity{"thing", "t-1"};
const std::vector<std::string> kFields{"a", "b", "c"};

profile::Action action(std::string name, ActionKind kind, bool merge, bool remove, Json set = {}) {
  profile::Action result;
  result.name = std::move(name);
  result.kind = kind;
  result.overlay = {merge, remove,
                    set.is_null() ? nullptr : std::make_shared<const Json>(std::move(set))};
  return result;
}

Profile thing_profile() {
  profile::Entity thing{.type = "thing"};
  for (auto each : {action("create", ActionKind::create, true, false, {{"c", "new"}}),
                    action("edit", ActionKind::update, true, false),
                    action("mark", ActionKind::commutative, false, false, {{"a", "set"}}),
                    action("close", ActionKind::update, true, false, {{"b", "set"}}),
                    action("remove", ActionKind::remove, false, true)}) {
    thing.actions[each.name] = each;
  }
  Profile profile;
  profile.entities["thing"] = thing;
  return profile;
}

Json random_fields(Random& random) {
  Json fields = Json::object();
  for (const auto& name : kFields) {
    if (random.chance(0.5)) fields[name] = random.below(100);
  }
  return fields;
}

Document random_document(Random& random) {
  Document document{kEntity, random.between(1, 5), Instant{random.between(0, 9) * 1'000},
                    random.chance(0.2), "{}"};
  if (!document.deleted) document.data = dump_json(random_fields(random));
  return document;
}

Json wire_of(const Document& document) {
  return {
      {"entity_type", document.entity.type}, {"entity_id", document.entity.id},
      {"row_version", document.row_version}, {"updated_at", format_rfc3339(document.updated_at)},
      {"deleted", document.deleted},         {"data", Json::parse(document.data)}};
}

LaidOperation random_operation(Random& random) {
  static const std::vector<std::string> kActions{"create", "edit",   "mark",
                                                 "close",  "remove", "unknown"};
  LaidOperation laid;
  laid.operation.id.bytes[0] = static_cast<std::uint8_t>(random.below(256));
  laid.operation.action = kActions[random.below(kActions.size())];
  laid.operation.state = static_cast<OperationState>(random.below(11));
  laid.payload = dump_json(random_fields(random));
  if (random.chance(0.3)) laid.entity = dump_json(wire_of(random_document(random)));
  return laid;
}

// The same question answered field by field and from the end: who wrote this field last?
struct Naive {
  const Profile& profile;
  std::optional<Document> base;
  std::vector<LaidOperation> open;

  Naive(const Profile& rules, const std::optional<Document>& document,
        const std::vector<LaidOperation>& operations)
      : profile(rules), base(document) {
    for (const auto& laid : operations) {
      if (laid.entity) consider(*sync::parse_document(Json::parse(*laid.entity), ""));
      const auto state = laid.operation.state;
      const bool settled = state == OperationState::applied || state == OperationState::rejected ||
                           state == OperationState::conflict ||
                           state == OperationState::superseded ||
                           state == OperationState::cancelled || state == OperationState::discarded;
      if (!settled) open.push_back(laid);
    }
  }

  void consider(const Document& other) {
    if (!base || other.row_version > base->row_version) base = other;
  }

  const profile::Action* rule(std::size_t at) const {
    return profile.action("thing", open[at].operation.action);
  }

  // After the first `count` operations.
  bool exists(std::size_t count) const {
    if (count == 0) return base && !base->deleted;
    const auto* last = rule(count - 1);
    if (last == nullptr) return exists(count - 1);
    if (last->kind == ActionKind::remove) return false;
    return last->kind == ActionKind::create || exists(count - 1);
  }

  std::optional<Json> field(const std::string& name, std::size_t count) const {
    if (!exists(count)) return std::nullopt;
    if (count == 0) return value_in(Json::parse(base->data), name);
    if (const auto* last = rule(count - 1)) {
      if (last->overlay.set && last->overlay.set->contains(name))
        return last->overlay.set->at(name);
      const auto written = value_in(Json::parse(open[count - 1].payload), name);
      if (last->overlay.merge && written) return written;
    }
    return field(name, count - 1);
  }

  static std::optional<Json> value_in(const Json& object, const std::string& name) {
    if (!object.contains(name)) return std::nullopt;
    return object.at(name);
  }

  Json data() const {
    Json result = Json::object();
    for (const auto& name : kFields) {
      if (const auto value = field(name, open.size())) result[name] = *value;
    }
    return result;
  }
};

}  // namespace

TEST_CASE("lay_over agrees with a model that asks of each field who wrote it last (INV-Q14)") {
  const Profile profile = thing_profile();
  int shown = 0;
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    std::optional<Document> document;
    if (random.chance(0.7)) document = random_document(random);
    std::vector<LaidOperation> operations;
    for (auto i = random.below(6); i > 0; --i) operations.push_back(random_operation(random));

    const auto view = sync::lay_over(profile, kEntity, document, operations);
    const Naive naive(profile, document, operations);
    REQUIRE(view.has_value() == naive.exists(naive.open.size()));
    if (!view) continue;
    ++shown;
    REQUIRE(Json::parse(view->data) == naive.data());
    REQUIRE(view->pending_sync == !naive.open.empty());
    REQUIRE(view->operations.size() == naive.open.size());
    for (std::size_t i = 0; i < naive.open.size(); ++i) {
      REQUIRE(view->operations[i].id == naive.open[i].operation.id);
      REQUIRE(view->operations[i].state == naive.open[i].operation.state);
    }
    const bool server_has_it = naive.base && !naive.base->deleted;
    REQUIRE(view->row_version.has_value() == server_has_it);
    if (server_has_it) REQUIRE(view->row_version == naive.base->row_version);
  }
  REQUIRE(shown > 1'500);
}

}  // namespace landfall::pull_test
