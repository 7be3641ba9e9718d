#include "engine/conflict/merge.hpp"

#include <set>
#include <string_view>
#include <utility>

#include "engine/base/assert.hpp"
#include "schema/limits.hpp"

namespace landfall::conflict {
namespace {

std::string joined(const std::string& path, std::string_view name) {
  std::string text = path.empty() ? "" : path + ".";
  for (const char c : name) {
    if (c == '.' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

class Merge final {
 public:
  Merge(const profile::ConflictPolicy& policy, const MergeTimes& times, const Choices& choices)
      : policy_(policy), choices_(choices) {
    rules_.mine_is_newer = times.mine_is_newer();
  }

  MergeResult run(const MergeInput& input) {
    result_.document =
        merge_members({input.base, input.mine, input.theirs, input.base != nullptr}, "", true);
    return std::move(result_);
  }

 private:
  Json merge_members(const FieldSides& sides, const std::string& path, bool is_top) {
    std::set<std::string> names;
    for (const Json* side : {sides.mine, sides.theirs}) {
      for (const auto& item : side->items()) names.insert(item.key());
    }
    if (sides.base != nullptr && sides.base->is_object()) {
      for (const auto& item : sides.base->items()) names.insert(item.key());
    }
    Json merged = Json::object();
    for (const std::string& name : names) {
      if (is_top) use_rules_of(name);
      auto value = merge_one({member(sides.base, name), member(sides.mine, name),
                              member(sides.theirs, name), sides.base_known},
                             joined(path, name));
      if (value) merged[name] = std::move(*value);
    }
    return merged;
  }

  void use_rules_of(const std::string& name) {
    rules_.rule = policy_.rule_of(name);
    const auto order = policy_.order.find(name);
    rules_.order = order == policy_.order.end() ? nullptr : &order->second;
  }

  std::optional<Json> merge_one(const FieldSides& sides, const std::string& path) {
    const bool is_short = path.size() <= limits::kMergePathBytesMax;
    if (is_short && is_merged_by_member(sides)) return merge_members(sides, path, false);
    FieldMerge field = merge_field(sides, rules_);
    if (field.taken == Taken::open) choose(sides, path, field);
    if (field.taken == Taken::open) {
      result_.open.push_back({path, rules_.rule, field.reason, copy_of(sides.base),
                              copy_of(sides.mine), copy_of(sides.theirs)});
    }
    if (field.taken != Taken::unchanged) {
      result_.fields.push_back(
          {path, field.taken, field.rule_fired ? std::optional{rules_.rule} : std::nullopt});
    }
    return std::move(field.value);
  }

  void choose(const FieldSides& sides, const std::string& path, FieldMerge& field) const {
    const auto choice = choices_.find(path);
    if (choice == choices_.end()) return;
    const bool mine = choice->second == Side::mine;
    field.taken = mine ? Taken::mine : Taken::theirs;
    field.value = copy_of(mine ? sides.mine : sides.theirs);
  }

  const profile::ConflictPolicy& policy_;
  const Choices& choices_;
  FieldRules rules_;
  MergeResult result_;
};

}  // namespace

MergeResult merge(const profile::ConflictPolicy& policy, const MergeInput& input,
                  const MergeTimes& times, const Choices& choices) {
  LANDFALL_ASSERT(input.mine != nullptr && input.mine->is_object());
  LANDFALL_ASSERT(input.theirs != nullptr && input.theirs->is_object());
  LANDFALL_ASSERT(input.base == nullptr || input.base->is_object());
  return Merge(policy, times, choices).run(input);
}

}  // namespace landfall::conflict
