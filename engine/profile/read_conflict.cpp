#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

using Actions = std::map<std::string, Action, std::less<>>;

FieldRule read_rule(ObjectReader& reader, std::string_view key) {
  return reader.choice<FieldRule>(key, {{"server", FieldRule::server},
                                        {"mine", FieldRule::mine},
                                        {"newer", FieldRule::newer},
                                        {"sum_delta", FieldRule::sum_delta},
                                        {"max", FieldRule::max},
                                        {"union", FieldRule::set_union},
                                        {"forward_only", FieldRule::forward_only},
                                        {"ask", FieldRule::ask}});
}

// Rules that mean something for values of one kind only.
bool fits(FieldRule rule, FieldType type) {
  switch (rule) {
    case FieldRule::sum_delta:
    case FieldRule::max:
      return type == FieldType::integer || type == FieldType::number;
    case FieldRule::set_union:
      return type == FieldType::array;
    case FieldRule::forward_only:
      return type == FieldType::string;
    default:
      return true;
  }
}

bool fits(FieldRule rule, const Json& value) {
  if (value.is_string()) return fits(rule, FieldType::string);
  if (value.is_number()) return fits(rule, FieldType::number);
  if (value.is_array()) return fits(rule, FieldType::array);
  return fits(rule, FieldType::object);
}

std::string_view expected_of(FieldRule rule) {
  if (rule == FieldRule::set_union) return "a list";
  return rule == FieldRule::forward_only ? "a text" : "a number";
}

// What an action writes into a field must be of the kind that the field's rule merges.
void check_types(ObjectReader& fields, const ConflictPolicy& policy, const Actions& actions) {
  for (const auto& [field, rule] : policy.fields) {
    const std::string unfit =
        std::string{to_string(rule)} + " needs " + std::string{expected_of(rule)} + ", but ";
    for (const auto& [name, action] : actions) {
      const auto declared = action.payload.find(field);
      if (declared != action.payload.end() && !fits(rule, declared->second.type)) {
        fields.refuse(field, unfit + "the action " + name + " declares something else");
      }
      const Json* set = action.overlay.set.get();
      if (set != nullptr && set->contains(field) && !fits(rule, set->at(field))) {
        fields.refuse(field, unfit + "the action " + name + " sets something else");
      }
    }
  }
}

void check_states(ObjectReader& order, const ConflictPolicy& policy, const Actions& actions) {
  for (const auto& [field, states] : policy.order) {
    if (states.size() < 2) order.refuse(field, "expected two states or more, early to late");
    for (const auto& [name, action] : actions) {
      const Json* set = action.overlay.set.get();
      if (set == nullptr || !set->contains(field) || !set->at(field).is_string()) continue;
      const auto& state = set->at(field).get_ref<const std::string&>();
      if (std::find(states.begin(), states.end(), state) != states.end()) continue;
      order.refuse(field, "expected to name the state that the action " + name + " sets");
    }
  }
}

void read_order(ObjectReader& section, ConflictPolicy& policy, const Actions& actions) {
  if (auto order = section.object_if("order")) {
    for (const auto& item : order->value().items()) {
      policy.order.emplace(item.key(), order->texts_or_none(item.key(), limits::kFieldsMax));
    }
    check_states(*order, policy, actions);
  }
  for (const auto& [field, rule] : policy.fields) {
    if ((rule == FieldRule::forward_only) == policy.order.contains(field)) continue;
    section.refuse("order." + path_part(field),
                   "expected exactly for fields that are forward_only");
  }
  for (const auto& [field, unused] : policy.order) {
    if (policy.fields.contains(field)) continue;
    section.refuse("order." + path_part(field),
                   "expected exactly for fields that are forward_only");
  }
}

}  // namespace

std::string_view to_string(FieldRule rule) noexcept {
  switch (rule) {
    case FieldRule::server:
      return "server";
    case FieldRule::mine:
      return "mine";
    case FieldRule::newer:
      return "newer";
    case FieldRule::sum_delta:
      return "sum_delta";
    case FieldRule::max:
      return "max";
    case FieldRule::set_union:
      return "union";
    case FieldRule::forward_only:
      return "forward_only";
    case FieldRule::ask:
      return "ask";
  }
  return "";
}

FieldRule ConflictPolicy::rule_of(std::string_view field) const {
  const auto found = fields.find(field);
  return found == fields.end() ? otherwise : found->second;
}

ConflictPolicy read_conflict(ObjectReader& section, const Actions& actions) {
  ConflictPolicy policy;
  policy.otherwise = read_rule(section, "otherwise");
  const bool fits_any = fits(policy.otherwise, FieldType::object);
  if (!fits_any) {
    section.refuse("otherwise", "expected server, mine, newer or ask: this rule is for one field");
  }
  if (auto fields = section.object_if("fields")) {
    for (const auto& [field, unused] : fields->texts(limits::kFieldsMax, limits::kNameBytesMax)) {
      policy.fields.emplace(field, read_rule(*fields, field));
    }
    check_types(*fields, policy, actions);
  }
  read_order(section, policy, actions);
  const auto confirm = section.texts_or_none("confirm", limits::kActionsMax);
  for (std::size_t i = 0; i < confirm.size(); ++i) {
    if (!actions.contains(confirm[i])) {
      section.refuse("confirm[" + std::to_string(i) + "]", "expected an action of this entity");
    }
    policy.confirm.insert(confirm[i]);
  }
  section.done();
  return policy;
}

}  // namespace landfall::profile
