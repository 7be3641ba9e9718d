#include "engine/cache/document_facts.hpp"

#include <nlohmann/json.hpp>

#include "engine/base/text.hpp"
#include "engine/cache/text_search.hpp"
#include "engine/profile/entity.hpp"
#include "engine/sync/overlay.hpp"
#include "schema/limits.hpp"

namespace landfall::cache {
namespace {

const Json* member(const Json& data, const std::string& name) {
  const auto found = data.find(name);
  return found == data.end() ? nullptr : &*found;
}

// Texts and numbers as they are read; what has parts of its own is no text.
std::string shown_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number() ? dump_json(value) : std::string{};
}

// A line for each field, so that no word is found across two of them.
std::string summary_text(const profile::Entity& entity, const Json& data) {
  std::string text;
  for (const auto& name : entity.summary) {
    if (const Json* value = member(data, name)) text += shown_text(*value) + "\n";
  }
  return fold_case(first_characters(text, limits::kSummaryTextBytesMax));
}

}  // namespace

const FieldValue& DocumentFacts::key_in(const Order& order) const {
  static const FieldValue kNone;
  switch (order.by) {
    case Order::By::id:
      break;
    case Order::By::updated_at:
      return updated_at;
    case Order::By::field:
      return fields.at(order.field);
  }
  return kNone;
}

DocumentFacts facts_of(const profile::Entity& entity, const sync::View& view) {
  const Json data = Json::parse(view.data, nullptr, false);
  DocumentFacts facts;
  for (const auto& name : entity.filter)
    facts.fields.push_back(FieldValue::of(data.is_object() ? member(data, name) : nullptr));
  facts.updated_at =
      view.updated_at ? FieldValue::of_integer(view.updated_at->unix_ms) : FieldValue::last();
  if (data.is_object()) facts.text = summary_text(entity, data);
  return facts;
}

}  // namespace landfall::cache
