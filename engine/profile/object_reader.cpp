#include "engine/profile/object_reader.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

const Json& empty_object() {
  static const Json object = Json::object();
  return object;
}

std::string range_text(std::int64_t low, std::int64_t high) {
  return "expected a number from " + std::to_string(low) + " to " + std::to_string(high);
}

}  // namespace

void FirstError::set(std::string code, std::string path, std::string message) {
  if (error_) return;
  message = path + ": " + message;
  error_ = Error{ErrorClass::invalid, std::move(code), std::move(message), std::move(path)};
}

ObjectReader::ObjectReader(const Json& value, std::string path, FirstError& errors)
    : value_(&value), path_(std::move(path)), errors_(&errors) {
  if (!value_->is_object()) {
    errors_->set("profile.type", path_,
                 std::string{"expected an object, got "} + value_->type_name());
    value_ = &empty_object();
  }
}

std::string ObjectReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string{key} : path_ + "." + std::string{key};
}

bool ObjectReader::has(std::string_view key) const {
  const auto found = value_->find(std::string{key});
  return found != value_->end() && !found->is_null();
}

const Json* ObjectReader::member(std::string_view key) {
  read_.emplace(key);
  const auto found = value_->find(std::string{key});
  return found == value_->end() || found->is_null() ? nullptr : &*found;
}

const Json* ObjectReader::required(std::string_view key, std::string_view expected) {
  const Json* found = member(key);
  if (found == nullptr) {
    errors_->set("profile.missing", path_of(key), "is missing, expected " + std::string{expected});
  }
  return found;
}

void ObjectReader::wrong_type(std::string_view key, std::string_view expected, const Json& got) {
  errors_->set("profile.type", path_of(key),
               "expected " + std::string{expected} + ", got " + got.type_name());
}

void ObjectReader::refuse(std::string_view key, std::string expected) {
  errors_->set("profile.value", key.empty() ? path_ : path_of(key), std::move(expected));
}

std::string ObjectReader::checked_text(std::string_view key, const Json& value,
                                       std::size_t bytes_max) {
  if (!value.is_string()) {
    wrong_type(key, "a text", value);
    return {};
  }
  auto text = value.get<std::string>();
  if (text.empty() || text.size() > bytes_max) {
    refuse(key, "expected a text of 1 to " + std::to_string(bytes_max) + " bytes");
    return {};
  }
  return text;
}

std::int64_t ObjectReader::checked_integer(std::string_view key, const Json& value,
                                           std::int64_t low, std::int64_t high) {
  if (!value.is_number_integer()) {
    wrong_type(key, "a whole number", value);
    return low;
  }
  const bool beyond = value.is_number_unsigned() &&
                      value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  const std::int64_t number = beyond ? INT64_MAX : value.get<std::int64_t>();
  if (number < low || number > high) {
    refuse(key, range_text(low, high));
    return low;
  }
  return number;
}

std::string ObjectReader::text(std::string_view key, std::size_t bytes_max) {
  const Json* found = required(key, "a text");
  return found == nullptr ? std::string{} : checked_text(key, *found, bytes_max);
}

std::string ObjectReader::text_or(std::string_view key, std::string fallback,
                                  std::size_t bytes_max) {
  const Json* found = member(key);
  return found == nullptr ? fallback : checked_text(key, *found, bytes_max);
}

std::int64_t ObjectReader::integer(std::string_view key, std::int64_t low, std::int64_t high) {
  const Json* found = required(key, "a whole number");
  return found == nullptr ? low : checked_integer(key, *found, low, high);
}

std::int64_t ObjectReader::integer_or(std::string_view key, std::int64_t fallback, std::int64_t low,
                                      std::int64_t high) {
  return integer_if(key, low, high).value_or(fallback);
}

std::optional<std::int64_t> ObjectReader::integer_if(std::string_view key, std::int64_t low,
                                                     std::int64_t high) {
  const Json* found = member(key);
  if (found == nullptr) return std::nullopt;
  return checked_integer(key, *found, low, high);
}

std::size_t ObjectReader::count(std::string_view key, std::size_t low, std::size_t high) {
  return static_cast<std::size_t>(
      integer(key, static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)));
}

std::vector<std::int64_t> ObjectReader::integers(std::string_view key, std::size_t size_max,
                                                 std::int64_t low, std::int64_t high) {
  const Json* found = required(key, "a list of whole numbers");
  if (found == nullptr) return {};
  if (!found->is_array()) {
    wrong_type(key, "a list of whole numbers", *found);
    return {};
  }
  if (found->empty() || found->size() > size_max) {
    refuse(key, "expected 1 to " + std::to_string(size_max) + " entries");
    return {};
  }
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const std::string item = std::string{key} + "[" + std::to_string(i) + "]";
    numbers.push_back(checked_integer(item, (*found)[i], low, high));
  }
  return numbers;
}

bool ObjectReader::flag_or(std::string_view key, bool fallback) {
  const Json* found = member(key);
  if (found == nullptr) return fallback;
  if (found->is_boolean()) return found->get<bool>();
  wrong_type(key, "true or false", *found);
  return fallback;
}

std::vector<std::string> ObjectReader::texts_or_none(std::string_view key, std::size_t size_max) {
  const Json* found = member(key);
  if (found == nullptr) return {};
  if (!found->is_array()) {
    wrong_type(key, "a list of texts", *found);
    return {};
  }
  if (found->size() > size_max) {
    refuse(key, "expected at most " + std::to_string(size_max) + " entries");
    return {};
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const std::string item = std::string{key} + "[" + std::to_string(i) + "]";
    std::string text = checked_text(item, (*found)[i], limits::kNameBytesMax);
    if (std::find(texts.begin(), texts.end(), text) != texts.end()) {
      refuse(item, "expected each entry once");
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

ObjectReader ObjectReader::object(std::string_view key) {
  const Json* found = required(key, "an object");
  return ObjectReader(found == nullptr ? empty_object() : *found, path_of(key), *errors_);
}

std::optional<ObjectReader> ObjectReader::object_if(std::string_view key) {
  const Json* found = member(key);
  if (found == nullptr) return std::nullopt;
  return ObjectReader(*found, path_of(key), *errors_);
}

std::vector<std::pair<std::string, ObjectReader>> ObjectReader::objects(std::size_t size_max) {
  std::vector<std::pair<std::string, ObjectReader>> members;
  if (value_->size() > size_max) {
    refuse("", "expected at most " + std::to_string(size_max) + " entries");
    return members;
  }
  for (const auto& item : value_->items()) {
    read_.insert(item.key());
    if (item.key().empty() || item.key().size() > limits::kNameBytesMax) {
      refuse(path_part(item.key()),
             "expected a name of 1 to " + std::to_string(limits::kNameBytesMax) + " bytes");
      continue;
    }
    members.emplace_back(item.key(), ObjectReader(item.value(), path_of(item.key()), *errors_));
  }
  return members;
}

std::vector<ObjectReader> ObjectReader::array(std::string_view key, std::size_t size_max) {
  const Json* found = required(key, "a list of objects");
  if (found == nullptr) return {};
  if (!found->is_array()) {
    wrong_type(key, "a list of objects", *found);
    return {};
  }
  if (found->empty() || found->size() > size_max) {
    refuse(key, "expected 1 to " + std::to_string(size_max) + " entries");
    return {};
  }
  std::vector<ObjectReader> items;
  for (std::size_t i = 0; i < found->size(); ++i) {
    items.emplace_back((*found)[i], path_of(key) + "[" + std::to_string(i) + "]", *errors_);
  }
  return items;
}

std::vector<std::pair<std::string, std::string>> ObjectReader::texts(std::size_t size_max,
                                                                     std::size_t bytes_max) {
  std::vector<std::pair<std::string, std::string>> members;
  if (value_->size() > size_max) {
    refuse("", "expected at most " + std::to_string(size_max) + " entries");
    return members;
  }
  for (const auto& item : value_->items()) {
    read_.insert(item.key());
    members.emplace_back(item.key(), checked_text(item.key(), item.value(), bytes_max));
  }
  return members;
}

std::shared_ptr<const Json> ObjectReader::raw(std::string_view key) {
  const Json* found = member(key);
  return found == nullptr ? nullptr : std::make_shared<const Json>(*found);
}

void ObjectReader::done() {
  for (const auto& item : value_->items()) {
    if (read_.contains(item.key())) continue;
    errors_->set("profile.unknown_key", path_of(path_part(item.key())), "is no key of a profile");
    return;
  }
}

}  // namespace landfall::profile
