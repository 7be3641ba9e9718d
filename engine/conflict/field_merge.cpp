#include "engine/conflict/field_merge.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/conflict/exact_json.hpp"

namespace landfall::conflict {
namespace {

using profile::FieldRule;

bool is_equal(const Json* a, const Json* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return is_same(*a, *b);
}

bool is_nothing(const Json* value) { return value == nullptr || value->is_null(); }

FieldMerge take_mine(const FieldSides& sides) {
  return {Taken::mine, true, copy_of(sides.mine), OpenReason::ask};
}

FieldMerge take_theirs(const FieldSides& sides) {
  return {Taken::theirs, true, copy_of(sides.theirs), OpenReason::ask};
}

FieldMerge leave_open(const FieldSides& sides, OpenReason reason) {
  return {Taken::open, true, copy_of(sides.theirs), reason};
}

FieldMerge add_difference(const FieldSides& sides) {
  if (!sides.base_known) return leave_open(sides, OpenReason::base_unknown);
  const Json zero = 0U;  // what a field counts from that was not there
  const Json& base = is_nothing(sides.base) ? zero : *sides.base;
  if (!base.is_number()) return leave_open(sides, OpenReason::type);
  auto sum = add_delta(*sides.theirs, *sides.mine, base);
  if (!sum) return leave_open(sides, OpenReason::too_large);
  return {Taken::merged, true, std::move(sum), OpenReason::ask};
}

FieldMerge take_greater(const FieldSides& sides) {
  return compare_json(*sides.mine, *sides.theirs) > 0 ? take_mine(sides) : take_theirs(sides);
}

FieldMerge unite(const FieldSides& sides) {
  using Items = std::set<const Json*, JsonLess>;
  const auto items_of = [](const Json* list) {
    Items items;
    if (list == nullptr || !list->is_array()) return items;
    for (const Json& item : *list) items.insert(&item);
    return items;
  };
  const Items base = items_of(sides.base);
  const Items mine = items_of(sides.mine);
  Items taken;
  Json united = Json::array();
  for (const Json& item : *sides.theirs) {
    const bool removed_here = base.contains(&item) && !mine.contains(&item);
    if (!removed_here && taken.insert(&item).second) united.push_back(item);
  }
  for (const Json& item : *sides.mine) {
    if (!base.contains(&item) && taken.insert(&item).second) united.push_back(item);
  }
  return {Taken::merged, true, std::move(united), OpenReason::ask};
}

std::optional<std::size_t> place_of(const profile::StateOrder& order, const Json& state) {
  const auto found = std::find(order.begin(), order.end(), state.get_ref<const std::string&>());
  if (found == order.end()) return std::nullopt;
  return static_cast<std::size_t>(found - order.begin());
}

FieldMerge go_forward(const FieldSides& sides, const profile::StateOrder* order) {
  if (order == nullptr) return leave_open(sides, OpenReason::state);
  const auto mine = place_of(*order, *sides.mine);
  const auto theirs = place_of(*order, *sides.theirs);
  if (!mine || !theirs) return leave_open(sides, OpenReason::state);
  return *mine > *theirs ? take_mine(sides) : take_theirs(sides);
}

// Rules that make one value of two need both, and of their kind.
std::optional<OpenReason> hindrance(const FieldSides& sides, FieldRule rule) {
  if (is_nothing(sides.mine) || is_nothing(sides.theirs)) return OpenReason::removed;
  const auto fits = [rule](const Json& value) {
    if (rule == FieldRule::set_union) return value.is_array();
    return rule == FieldRule::forward_only ? value.is_string() : value.is_number();
  };
  return fits(*sides.mine) && fits(*sides.theirs) ? std::nullopt : std::optional{OpenReason::type};
}

FieldMerge combine(const FieldSides& sides, const FieldRules& rules) {
  if (const auto reason = hindrance(sides, rules.rule)) return leave_open(sides, *reason);
  switch (rules.rule) {
    case FieldRule::sum_delta:
      return add_difference(sides);
    case FieldRule::max:
      return take_greater(sides);
    case FieldRule::set_union:
      return unite(sides);
    default:
      return go_forward(sides, rules.order);
  }
}

FieldMerge apply_rule(const FieldSides& sides, const FieldRules& rules) {
  switch (rules.rule) {
    case FieldRule::server:
      return take_theirs(sides);
    case FieldRule::mine:
      return take_mine(sides);
    case FieldRule::newer:
      return rules.mine_is_newer ? take_mine(sides) : take_theirs(sides);
    case FieldRule::ask:
      return leave_open(sides, OpenReason::ask);
    default:
      return combine(sides, rules);
  }
}

// Only mine moved. A state machine that went back here stays where the server has it.
FieldMerge hear_mine(const FieldSides& sides, const FieldRules& rules) {
  if (rules.rule == FieldRule::forward_only) {
    const auto reason = hindrance(sides, rules.rule);
    if (!reason) {
      FieldMerge forward = go_forward(sides, rules.order);
      forward.rule_fired = forward.taken != Taken::mine;
      return forward;
    }
    if (!is_nothing(sides.theirs)) return leave_open(sides, *reason);
  }
  return {Taken::mine, false, copy_of(sides.mine), OpenReason::ask};
}

}  // namespace

const Json* member(const Json* object, std::string_view name) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(name);
  return found == object->end() ? nullptr : &*found;
}

std::optional<Json> copy_of(const Json* value) {
  return value == nullptr ? std::nullopt : std::optional<Json>{*value};
}

std::string_view to_string(Taken taken) noexcept {
  switch (taken) {
    case Taken::unchanged:
      return "unchanged";
    case Taken::mine:
      return "mine";
    case Taken::theirs:
      return "theirs";
    case Taken::merged:
      return "merged";
    case Taken::open:
      return "open";
  }
  return "";
}

std::string_view to_string(OpenReason reason) noexcept {
  switch (reason) {
    case OpenReason::ask:
      return "ask";
    case OpenReason::base_unknown:
      return "base_unknown";
    case OpenReason::removed:
      return "removed";
    case OpenReason::type:
      return "type";
    case OpenReason::state:
      return "state";
    case OpenReason::too_large:
      return "too_large";
  }
  return "";
}

bool is_merged_by_member(const FieldSides& sides) {
  const bool both_objects = sides.mine != nullptr && sides.mine->is_object() &&
                            sides.theirs != nullptr && sides.theirs->is_object();
  if (!both_objects) return false;
  return !sides.base_known ||
         (!is_equal(sides.mine, sides.base) && !is_equal(sides.theirs, sides.base));
}

FieldMerge merge_field(const FieldSides& sides, const FieldRules& rules) {
  const bool mine_stood = sides.base_known && is_equal(sides.mine, sides.base);
  const bool theirs_stood = sides.base_known && is_equal(sides.theirs, sides.base);
  if (mine_stood) {
    return {theirs_stood ? Taken::unchanged : Taken::theirs, false, copy_of(sides.theirs),
            OpenReason::ask};
  }
  if (theirs_stood) return hear_mine(sides, rules);
  const bool both_nothing = is_nothing(sides.mine) && is_nothing(sides.theirs);
  const bool counts_twice = rules.rule == FieldRule::sum_delta && sides.base_known &&
                            sides.mine != nullptr && sides.mine->is_number();
  if (both_nothing || (!counts_twice && is_equal(sides.mine, sides.theirs))) {
    return {Taken::unchanged, false, copy_of(sides.theirs), OpenReason::ask};
  }
  return apply_rule(sides, rules);
}

}  // namespace landfall::conflict
