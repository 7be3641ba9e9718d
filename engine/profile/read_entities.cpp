#include <chrono>

#include <nlohmann/json.hpp>

#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

// Three pulls of a scope at the usual interval: one that is late makes nothing stale.
constexpr std::int64_t kMaxAgeDefaultS = 900;

std::optional<std::size_t> size_if(ObjectReader& reader, std::string_view key) {
  const auto value = reader.integer_if(key, 0, static_cast<std::int64_t>(limits::kPayloadBytesMax));
  if (!value) return std::nullopt;
  return static_cast<std::size_t>(*value);
}

PayloadField read_field(ObjectReader& reader) {
  PayloadField field;
  field.type = reader.choice<FieldType>("type", {{"string", FieldType::string},
                                                 {"integer", FieldType::integer},
                                                 {"number", FieldType::number},
                                                 {"boolean", FieldType::boolean},
                                                 {"object", FieldType::object},
                                                 {"array", FieldType::array}});
  field.required = reader.flag_or("required", false);
  field.length_min = size_if(reader, "length_min");
  field.length_max = size_if(reader, "length_max");
  field.value_min = reader.integer_if("value_min", INT64_MIN, INT64_MAX);
  field.value_max = reader.integer_if("value_max", INT64_MIN, INT64_MAX);
  field.one_of = reader.texts_or_none("one_of", limits::kFieldsMax);
  field.refers_to = reader.text_or("refers_to", "", limits::kNameBytesMax);
  const bool sized = field.type == FieldType::string || field.type == FieldType::array;
  const bool numeric = field.type == FieldType::integer || field.type == FieldType::number;
  if (!sized && (field.length_min || field.length_max)) {
    reader.refuse("type", "only a string or an array has length_min and length_max");
  }
  if (!numeric && (field.value_min || field.value_max)) {
    reader.refuse("type", "only an integer or a number has value_min and value_max");
  }
  if (field.type != FieldType::string && !field.one_of.empty()) {
    reader.refuse("type", "only a string has one_of");
  }
  if (!sized && !field.refers_to.empty()) {
    reader.refuse("type", "only a string or an array has refers_to");
  }
  if (field.length_min && field.length_max && *field.length_min > *field.length_max) {
    reader.refuse("length_min", "expected no more than length_max");
  }
  if (field.value_min && field.value_max && *field.value_min > *field.value_max) {
    reader.refuse("value_min", "expected no more than value_max");
  }
  reader.done();
  return field;
}

OverlayRule read_overlay(ObjectReader& reader) {
  OverlayRule rule;
  rule.set = reader.raw("set");
  if (rule.set && !rule.set->is_object()) reader.refuse("set", "expected an object");
  rule.merge = reader.flag_or("merge", false);
  rule.remove = reader.flag_or("remove", false);
  if (rule.remove && (rule.merge || rule.set)) {
    reader.refuse("remove", "expected neither set nor merge beside remove");
  }
  reader.done();
  return rule;
}

void read_delivery(ObjectReader& reader, Action& action) {
  action.delivery = reader.choice_or<Delivery>(
      "delivery",
      {{"batch", Delivery::batch}, {"endpoint", Delivery::endpoint}, {"group", Delivery::group}},
      Delivery::batch);
  action.endpoint = reader.text_or("endpoint", "", limits::kNameBytesMax);
  if ((action.delivery == Delivery::batch) != action.endpoint.empty()) {
    reader.refuse("endpoint", "expected exactly where delivery is endpoint or group");
  }
}

// An update may be said in one word with the one before; anything else is an event of its own.
void read_coalesce(ObjectReader& reader, Action& action) {
  action.coalesce = reader.choice_or<Coalesce>(
      "coalesce",
      {{"none", Coalesce::none}, {"merge", Coalesce::merge}, {"replace", Coalesce::replace}},
      Coalesce::none);
  if (action.coalesce != Coalesce::none && action.kind != ActionKind::update) {
    reader.refuse("coalesce", "only actions of the kind update are coalesced");
  }
}

Upcast read_upcast(ObjectReader& reader) {
  Upcast upcast;
  if (auto rename = reader.object_if("rename")) {
    for (auto& [from, to] : rename->texts(limits::kFieldsMax, limits::kNameBytesMax))
      upcast.rename.emplace(from, to);
  }
  upcast.remove = reader.texts_or_none("remove", limits::kFieldsMax);
  upcast.set = reader.raw("set");
  if (upcast.set && !upcast.set->is_object()) reader.refuse("set", "expected an object");
  reader.done();
  return upcast;
}

// One for each version from the oldest that is still raised to the last before today's.
void read_upcasts(ObjectReader& reader, Action& action) {
  if (!reader.has("upcasts")) return;
  for (auto& entry : reader.array("upcasts", limits::kUpcastsMax)) {
    const std::int64_t from = entry.integer("from", 1, limits::kActionSchemaMax);
    action.upcasts.emplace(from, read_upcast(entry));
  }
  const auto count = static_cast<std::int64_t>(action.upcasts.size());
  const bool is_gapless = count > 0 && action.upcasts.begin()->first == action.schema - count &&
                          action.upcasts.rbegin()->first == action.schema - 1;
  if (!is_gapless) {
    reader.refuse("upcasts", "expected one `from` for each version up to the one before schema");
  }
}

Action read_action(const std::string& name, ObjectReader& reader) {
  Action action;
  action.name = name;
  action.kind = reader.choice<ActionKind>("kind", {{"update", ActionKind::update},
                                                   {"create", ActionKind::create},
                                                   {"commutative", ActionKind::commutative},
                                                   {"delete", ActionKind::remove}});
  read_delivery(reader, action);
  read_coalesce(reader, action);
  action.schema = reader.integer_or("schema", 1, 1, limits::kActionSchemaMax);
  read_upcasts(reader, action);
  action.payload_open = reader.flag_or("payload_open", false);
  ObjectReader payload = reader.object("payload");
  for (auto& [field, description] : payload.objects(limits::kFieldsMax)) {
    action.payload.emplace(field, read_field(description));
  }
  ObjectReader overlay = reader.object("overlay");
  action.overlay = read_overlay(overlay);
  action.permission = reader.text_or("permission", "", limits::kPermissionBytesMax);
  action.attest = reader.choice_or<Attest>(
      "attest", {{"none", Attest::none}, {"bool", Attest::flag}, {"signed", Attest::signature}},
      Attest::none);
  reader.done();
  return action;
}

Entity read_entity(const std::string& type, ObjectReader& reader) {
  Entity entity;
  entity.type = type;
  entity.tier = static_cast<Tier>(reader.integer("tier", 1, 3));
  entity.scope = reader.text_or("scope", "", limits::kNameBytesMax);
  entity.ids =
      reader.choice<IdSource>("ids", {{"server", IdSource::server}, {"client", IdSource::client}});
  if (auto actions = reader.object_if("actions")) {
    for (auto& [name, action] : actions->objects(limits::kActionsMax)) {
      entity.actions.emplace(name, read_action(name, action));
    }
  }
  if (auto conflict = reader.object_if("conflict")) {
    entity.conflict = read_conflict(*conflict, entity.actions);
  }
  entity.summary = reader.texts_or_none("summary", limits::kFieldsMax);
  entity.filter = reader.texts_or_none("filter", limits::kFieldsMax);
  entity.personal = reader.flag_or("personal", false);
  entity.organisation_field = reader.text_or("organisation_field", "", limits::kNameBytesMax);
  if (entity.tier == Tier::online && reader.has("max_age_s")) {
    reader.refuse("max_age_s", "expected none: an online entity is never stored");
  }
  entity.max_age =
      std::chrono::seconds{reader.integer_or("max_age_s", kMaxAgeDefaultS, 1, limits::kMaxAgeSMax)};
  if (entity.tier == Tier::online && !entity.scope.empty()) {
    reader.refuse("scope", "expected none: an online entity is never stored");
  }
  reader.done();
  return entity;
}

}  // namespace

const Action* Entity::action(std::string_view action_name) const {
  const auto found = actions.find(action_name);
  return found == actions.end() ? nullptr : &found->second;
}

std::map<std::string, Entity, std::less<>> read_entities(ObjectReader section) {
  std::map<std::string, Entity, std::less<>> entities;
  for (auto& [type, reader] : section.objects(limits::kEntitiesMax)) {
    entities.emplace(type, read_entity(type, reader));
  }
  if (entities.empty()) section.refuse("", "expected at least one entity");
  return entities;
}

}  // namespace landfall::profile
