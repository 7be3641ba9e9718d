#include "engine/profile/template.hpp"

#include <functional>
#include <set>

#include <nlohmann/json.hpp>

namespace landfall::profile {
namespace {

constexpr std::string_view kOpen = "${";

using Lookup = std::function<Result<std::string>(const std::string& name)>;

tl::unexpected<Error> template_error(std::string code, std::string message,
                                     std::optional<std::string> field = std::nullopt) {
  return failure(Error{ErrorClass::invalid, std::move(code), std::move(message), std::move(field)});
}

tl::unexpected<Error> unknown_variable(const std::string& name) {
  return template_error("template.unknown_variable",
                        "nothing is known by the name " + quote_input(name), name);
}

// Copies `text` and replaces each placeholder by what `lookup` says. One loop for all forms of
// templates.
Result<std::string> replace(std::string_view text, const Lookup& lookup) {
  std::string filled;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = text.find(kOpen, at);
    filled += text.substr(at, open == std::string_view::npos ? open : open - at);
    if (open == std::string_view::npos) return filled;
    const std::size_t name_at = open + kOpen.size();
    const std::size_t close = text.find('}', name_at);
    if (close == std::string_view::npos || close == name_at) {
      return template_error("template.invalid",
                            "a placeholder is written ${name}, got " + quote_input(text));
    }
    LANDFALL_TRY_ASSIGN(const std::string value,
                        lookup(std::string{text.substr(name_at, close - name_at)}));
    filled += value;
    at = close + 1;
  }
}

Lookup in(const Variables& variables) {
  return [&variables](const std::string& name) -> Result<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return unknown_variable(name);
    return found->second;
  };
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

// The name when the whole text is one placeholder.
std::optional<std::string> only_placeholder(std::string_view text) {
  if (!text.starts_with(kOpen) || text.find('}') != text.size() - 1 || text.size() < 4) {
    return std::nullopt;
  }
  return std::string{text.substr(2, text.size() - 3)};
}

Result<const Json*> value_of(const Json& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end()) return unknown_variable(name);
  return &*found;
}

Result<Json> fill_string(const std::string& text, const Json& values) {
  if (const auto name = only_placeholder(text)) {
    LANDFALL_TRY_ASSIGN(const Json* value, value_of(values, *name));
    return Json(*value);
  }
  const Lookup as_text = [&values](const std::string& name) -> Result<std::string> {
    LANDFALL_TRY_ASSIGN(const Json* value, value_of(values, name));
    if (value->is_string()) return value->get<std::string>();
    if (value->is_number()) return dump_json(*value);
    return template_error("template.type", "a string or a number belongs inside a text", name);
  };
  LANDFALL_TRY_ASSIGN(std::string filled, replace(text, as_text));
  return Json(std::move(filled));
}

Status collect(std::string_view text, std::set<std::string>& names) {
  const Lookup note = [&names](const std::string& name) -> Result<std::string> {
    names.insert(name);
    return std::string{};
  };
  LANDFALL_TRY(replace(text, note));
  return {};
}

Status collect_json(const Json& shape, std::set<std::string>& names) {
  if (shape.is_string()) return collect(shape.get_ref<const std::string&>(), names);
  if (!shape.is_structured()) return {};
  for (const Json& item : shape) LANDFALL_TRY(collect_json(item, names));
  return {};
}

}  // namespace

std::string percent_encode(std::string_view value) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : value) {
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += kHex[byte >> 4U];
      encoded += kHex[byte & 15U];
    }
  }
  return encoded;
}

Result<std::string> fill_text(std::string_view text, const Variables& variables) {
  return replace(text, in(variables));
}

Result<std::string> fill_path(std::string_view path, const Variables& variables) {
  const Lookup encoded = [&variables](const std::string& name) -> Result<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return unknown_variable(name);
    if (found->second.empty() || found->second == "." || found->second == "..") {
      return template_error("template.value", "is no part of a path", name);
    }
    return percent_encode(found->second);
  };
  return replace(path, encoded);
}

Result<std::string> fill_header(std::string_view value, const Variables& variables) {
  LANDFALL_TRY_ASSIGN(std::string filled, replace(value, in(variables)));
  for (const char c : filled) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      return template_error("template.value", "a header holds no control characters");
    }
  }
  return filled;
}

Result<Json> fill_json(const Json& shape, const Json& values) {
  if (shape.is_string()) return fill_string(shape.get_ref<const std::string&>(), values);
  if (!shape.is_structured()) return Json(shape);
  Json filled = shape.is_array() ? Json::array() : Json::object();
  for (const auto& item : shape.items()) {
    LANDFALL_TRY_ASSIGN(Json value, fill_json(item.value(), values));
    if (shape.is_array()) {
      filled.push_back(std::move(value));
    } else {
      filled[item.key()] = std::move(value);
    }
  }
  return filled;
}

Result<std::vector<std::string>> variables_in(std::string_view text) {
  std::set<std::string> names;
  LANDFALL_TRY(collect(text, names));
  return std::vector<std::string>(names.begin(), names.end());
}

Result<std::vector<std::string>> variables_in_json(const Json& shape) {
  std::set<std::string> names;
  LANDFALL_TRY(collect_json(shape, names));
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace landfall::profile
