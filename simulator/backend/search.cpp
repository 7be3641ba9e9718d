#include "simulator/backend/search.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace landfall::backend {
namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool is_end(std::string_view key) {
  return key == "gt" || key == "gte" || key == "lt" || key == "lte";
}

Status check_wanted(const std::string& field, const Json& wanted) {
  if (!wanted.is_structured()) return {};
  const std::string path = "query.filter." + path_part(field);
  if (!wanted.is_object() || wanted.empty())
    return failure(field_error("field.type", "", path, "expected a value, a list or ends"));
  for (const auto& [key, value] : wanted.items()) {
    const bool fits = key == "in" ? value.is_array() : is_end(key) && value.is_primitive();
    if (!fits) return failure(field_error("field.value", path, path_part(key), "is no condition"));
  }
  return {};
}

// Of one kind with it, and on the right side.
bool is_within(const Json& value, std::string_view key, const Json& end) {
  const bool alike =
      (value.is_number() && end.is_number()) || (value.is_string() && end.is_string());
  if (!alike) return false;
  if (key == "gt") return value > end;
  if (key == "gte") return value >= end;
  if (key == "lt") return value < end;
  return value <= end;
}

bool holds(const Json& value, const Json& wanted) {
  if (!wanted.is_object()) return value == wanted;
  return std::all_of(wanted.items().begin(), wanted.items().end(), [&](const auto& condition) {
    if (condition.key() != "in") return is_within(value, condition.key(), condition.value());
    return std::find(condition.value().begin(), condition.value().end(), value) !=
           condition.value().end();
  });
}

// Texts and numbers of the data, one after the other; names of fields are not searched.
void add_values(const Json& value, std::string& text) {
  if (value.is_structured()) {
    for (const Json& member : value) add_values(member, text);
  } else if (value.is_string()) {
    text += value.get_ref<const std::string&>() + '\n';
  } else if (value.is_number()) {
    text += value.dump() + '\n';
  }
}

bool has_words(const Json& data, const std::vector<std::string>& words) {
  if (words.empty()) return true;
  std::string text;
  add_values(data, text);
  text = lower(std::move(text));
  return std::all_of(words.begin(), words.end(),
                     [&](const std::string& word) { return text.find(word) != std::string::npos; });
}

}  // namespace

Result<Search> read_search(const Json& query) {
  Search search;
  LANDFALL_TRY_ASSIGN(search.type, string_at(query, "entity_type", "query"));
  LANDFALL_TRY_ASSIGN(const auto text, optional_string_at(query, "text", "query"));
  std::istringstream words(lower(text.value_or("")));
  for (std::string word; words >> word;) search.words.push_back(word);
  LANDFALL_TRY_ASSIGN(const auto after, optional_string_at(query, "after", "query"));
  search.after = after.value_or("");
  if (!query.contains("filter") || query["filter"].is_null()) return search;
  LANDFALL_TRY_ASSIGN(const Json* filter, object_at(query, "filter", "query"));
  for (const auto& [field, wanted] : filter->items()) LANDFALL_TRY(check_wanted(field, wanted));
  search.filter = *filter;
  return search;
}

bool matches(const Search& search, const Document& document) {
  if (search.filter.empty() && search.words.empty()) return true;
  const Json data = Json::parse(document.data, nullptr, false);
  for (const auto& [field, wanted] : search.filter.items()) {
    const auto found = data.find(field);
    if (!holds(found == data.end() ? Json() : *found, wanted)) return false;
  }
  return has_words(data, search.words);
}

}  // namespace landfall::backend
