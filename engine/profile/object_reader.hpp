#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/error.hpp"
#include "engine/base/json.hpp"

namespace landfall::profile {

// Keeps the first mistake; later ones often follow from it.
class FirstError final {
 public:
  void set(std::string code, std::string path, std::string message);
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  std::optional<Error> error_;
};

// Reads one object of a profile field by field. A mistake is noted in the shared FirstError and the
// reading goes on with an empty value, so that the code of a section reads like the section. `done`
// then reports the keys that nobody asked for. A null counts as absent.
class ObjectReader final {
 public:
  ObjectReader(const Json& value, std::string path, FirstError& errors);

  // Text of 1 to `bytes_max` bytes.
  std::string text(std::string_view key, std::size_t bytes_max = 256);
  std::string text_or(std::string_view key, std::string fallback, std::size_t bytes_max = 256);

  std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high);
  std::int64_t integer_or(std::string_view key, std::int64_t fallback, std::int64_t low,
                          std::int64_t high);
  std::optional<std::int64_t> integer_if(std::string_view key, std::int64_t low, std::int64_t high);
  std::size_t count(std::string_view key, std::size_t low, std::size_t high);
  std::vector<std::int64_t> integers(std::string_view key, std::size_t size_max, std::int64_t low,
                                     std::int64_t high);

  bool flag_or(std::string_view key, bool fallback);

  template <class Enum>
  using Choices = std::initializer_list<std::pair<std::string_view, Enum>>;

  // One of the named values; the first is the value after a mistake.
  template <class Enum>
  Enum choice(std::string_view key, Choices<Enum> choices) {
    return pick(key, text(key), choices);
  }
  template <class Enum>
  Enum choice_or(std::string_view key, Choices<Enum> choices, Enum fallback) {
    return has(key) ? pick(key, text(key), choices) : fallback;
  }

  // Texts without repetitions; absent is empty.
  std::vector<std::string> texts_or_none(std::string_view key, std::size_t size_max);

  // The object at `key`; an empty one after a mistake.
  ObjectReader object(std::string_view key);
  std::optional<ObjectReader> object_if(std::string_view key);
  // Its members, in order of their names, each a name of at most kNameBytesMax bytes; at most
  // `size_max`.
  std::vector<std::pair<std::string, ObjectReader>> objects(std::size_t size_max);
  // The objects of the array at `key`, which must be there.
  std::vector<ObjectReader> array(std::string_view key, std::size_t size_max);
  // Members that are texts.
  std::vector<std::pair<std::string, std::string>> texts(std::size_t size_max,
                                                         std::size_t bytes_max);
  // The raw value, copied; null when absent.
  std::shared_ptr<const Json> raw(std::string_view key);

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string path_of(std::string_view key) const;
  [[nodiscard]] const Json& value() const { return *value_; }
  FirstError& errors() { return *errors_; }

  // The value at `key` is not what it should be.
  void refuse(std::string_view key, std::string expected);
  // Reports the first key that was not read.
  void done();

 private:
  const Json* member(std::string_view key);
  const Json* required(std::string_view key, std::string_view expected);
  void wrong_type(std::string_view key, std::string_view expected, const Json& got);
  std::string checked_text(std::string_view key, const Json& value, std::size_t bytes_max);
  std::int64_t checked_integer(std::string_view key, const Json& value, std::int64_t low,
                               std::int64_t high);

  template <class Enum>
  Enum pick(std::string_view key, const std::string& got, Choices<Enum> choices) {
    std::string expected = "expected one of";
    for (const auto& [name, chosen] : choices) {
      if (name == got) return chosen;
      expected += " " + std::string{name};
    }
    if (!got.empty()) refuse(key, expected);
    return choices.begin()->second;
  }

  const Json* value_;
  std::string path_;
  FirstError* errors_;
  std::set<std::string, std::less<>> read_;
};

}  // namespace landfall::profile
