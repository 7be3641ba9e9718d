#include "simulator/backend/field_rules.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace landfall::backend {
namespace {

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

Verdict create_farmer(const ActionInput& input, Lookup&) {
  if (count_characters(text_of(input.payload, "name")) == 0)
    return Rejection{"NAME_MISSING", "A farmer needs a name."};
  Json data = input.payload;
  data["registered_by"] = input.user_id;
  data["registered_at"] = format_rfc3339(input.now);
  return data;
}

constexpr std::array<std::string_view, 4> kFarmerFields{"name", "phone", "village", "note"};

Verdict update_farmer(const ActionInput& input, Lookup&) {
  if (input.payload.empty()) return Rejection{"NOTHING_TO_CHANGE", "The payload names no field."};
  Json data = input.data;
  for (const auto& [key, value] : input.payload.items()) {
    if (std::find(kFarmerFields.begin(), kFarmerFields.end(), key) == kFarmerFields.end())
      return Rejection{"FIELD_NOT_EDITABLE", "The field cannot be changed: " + key.substr(0, 64)};
    data[key] = value;
  }
  return data;
}

Verdict create_collection(const ActionInput& input, Lookup& lookup) {
  const std::string farmer = text_of(input.payload, "farmer_id");
  if (farmer.empty() || !lookup.exists({"farmer", farmer}))
    return Rejection{"FARMER_NOT_FOUND", "The collection names no farmer who exists."};
  const auto weight = input.payload.find("weight_g");
  if (weight == input.payload.end() || !weight->is_number_integer() || *weight < 1)
    return Rejection{"WEIGHT_INVALID", "A collection needs a weight."};
  Json data = input.payload;
  data["status"] = "recorded";
  data["collected_by"] = input.user_id;
  data["collected_at"] = format_rfc3339(input.now);
  return data;
}

constexpr std::array kRules{
    ActionRule{"farmer", "create", ActionKind::create, create_farmer},
    ActionRule{"farmer", "update", ActionKind::versioned, update_farmer},
    ActionRule{"collection", "create", ActionKind::create, create_collection},
};

}  // namespace

std::span<const ActionRule> field_rules() { return kRules; }

std::optional<std::string> owner_of_new(std::string_view entity_type, std::string_view user_id) {
  if (entity_type != "farmer" && entity_type != "collection") return std::nullopt;
  return std::string{user_id};
}

}  // namespace landfall::backend
