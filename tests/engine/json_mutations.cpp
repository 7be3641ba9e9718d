#include "tests/engine/json_mutations.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace landfall::test {
namespace {

using Pointer = Json::json_pointer;

// As they stand in a text: some are no JSON at all.
const std::vector<std::string>& wrong_values() {
  static const std::vector<std::string> values = {
      "null",
      "true",
      "0",
      "-1",
      "-0",
      "1.5",
      "1e400",
      "9007199254740993",
      "9223372036854775808",
      "18446744073709551616",
      "-9223372036854775809",
      "NaN",
      R"("")",
      R"("x")",
      R"("7")",
      R"("\u0000")",
      R"("\ud800")",
      "\"\xff\"",
      R"("2026-01-31T08:15:00")",
      R"("<html>")",
      "\"" + std::string(5'000, 'y') + "\"",
      "[]",
      "[1]",
      "{}",
      R"({"a":1})",
      std::string(70, '[') + std::string(70, ']'),
  };
  return values;
}

void collect(const Json& value, const Pointer& at, std::vector<Pointer>& places) {
  places.push_back(at);
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) collect(member, at / key, places);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) collect(value[i], at / i, places);
  }
}

// The text of `valid` with `raw` in one place.
std::string with_raw(Json valid, const Pointer& at, std::string_view raw) {
  constexpr std::string_view kPlace = "\"@@\"";
  valid[at] = "@@";
  std::string text = valid.dump();
  return text.replace(text.find(kPlace), kPlace.size(), raw);
}

void add_wrong_values(const Json& valid, const Pointer& at, std::vector<MutatedJson>& all) {
  for (const std::string& raw : wrong_values())
    all.push_back({at.to_string() + " = " + raw.substr(0, 40), with_raw(valid, at, raw)});
}

// An object's member once more with another value, before and behind it; an array's item twice.
void add_doubles(const Json& valid, const Pointer& at, std::vector<MutatedJson>& all) {
  const std::string own = valid[at].dump();
  if (valid[at.parent_pointer()].is_array()) {
    all.push_back({at.to_string() + " twice", with_raw(valid, at, own + "," + own)});
    return;
  }
  const std::string key = ",\"" + at.back() + "\":";
  for (const std::string other : {"null", "7", R"("x")", "{}"}) {
    all.push_back({at.to_string() + " first " + other, with_raw(valid, at, other + key + own)});
    all.push_back({at.to_string() + " then " + other, with_raw(valid, at, own + key + other)});
  }
}

void add_without(const Json& valid, const Pointer& at, std::vector<MutatedJson>& all) {
  Json left = valid;
  Json& parent = left[at.parent_pointer()];
  if (parent.is_array()) {
    parent.erase(std::stoul(at.back()));
  } else {
    parent.erase(at.back());
  }
  all.push_back({at.to_string() + " left out", left.dump()});
}

void add_garbled(const std::string& text, std::vector<MutatedJson>& all) {
  for (std::size_t size = 0; size < text.size(); size += 7)
    all.push_back({"cut to " + std::to_string(size), text.substr(0, size)});
  all.push_back({"HTML", "<html><body>Welcome</body></html>"});
  all.push_back({"HTML around it", "<html>" + text + "</html>"});
  all.push_back({"a byte order mark", "\xEF\xBB\xBF" + text});
  all.push_back({"UTF-16", std::string("\xFF\xFE{\0", 4) + text});
  all.push_back({"more behind it", text + text});
  all.push_back({"a zero byte behind it", text + '\0'});
  all.push_back({"in a list", "[" + text + "]"});
  all.push_back({"as a string", Json(text).dump()});
  all.push_back({"100,000 levels", std::string(100'000, '[')});
}

}  // namespace

std::vector<MutatedJson> mutations_of(const Json& valid) {
  std::vector<Pointer> places;
  collect(valid, Pointer{}, places);
  std::vector<MutatedJson> all;
  for (const Pointer& at : places) {
    if (at.empty()) continue;
    add_wrong_values(valid, at, all);
    add_doubles(valid, at, all);
    add_without(valid, at, all);
  }
  for (const std::string& raw : wrong_values()) all.push_back({"all = " + raw.substr(0, 40), raw});
  add_garbled(valid.dump(), all);
  return all;
}

void check_safe(const Error& error) {
  INFO(error.code << ": " << error.message);
  CHECK(error.code.find('.') != std::string::npos);
  CHECK_FALSE(error.message.empty());
  CHECK(error.message.size() <= 2 * kQuotedInputBytesMax);
  const std::string shown = error.code + error.message + error.field.value_or("");
  CHECK(shown.find(kMarker) == std::string::npos);
  CHECK(std::all_of(shown.begin(), shown.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
}

}  // namespace landfall::test
