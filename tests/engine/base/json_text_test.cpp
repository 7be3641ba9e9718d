// What simdjson reads is held against what nlohmann/json reads: the same trees, the same texts, the
// same refusals. Stored payloads, hashes and what a server gets rely on it.

#include "engine/base/json_text.hpp"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"
#include "schema/limits.hpp"

using namespace landfall;
using namespace std::literals;

namespace {

constexpr JsonLimits kLimits{64 * limits::kKiB, limits::kJsonDepthMax};

// Discarded where the library refuses.
Json parsed_by_library(std::string_view text) {
  return Json::parse(text.begin(), text.end(), nullptr, false);
}

std::string dumped_by_library(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// == alone would take 1 and 1.0 for the same, and 0.0 and -0.0.
bool are_same(const Json& one, const Json& other) {
  const bool are_integers = one.is_number_integer() && other.is_number_integer();
  if (!are_integers && one.type() != other.type()) return false;
  if (one.is_structured() && one.size() != other.size()) return false;
  if (one.is_object()) {
    for (const auto& [key, value] : one.items()) {
      if (!other.contains(key) || !are_same(value, other[key])) return false;
    }
    return true;
  }
  if (one.is_array()) {
    for (std::size_t i = 0; i < one.size(); ++i) {
      if (!are_same(one[i], other[i])) return false;
    }
    return true;
  }
  if (one.is_number_float() &&
      std::signbit(one.get<double>()) != std::signbit(other.get<double>())) {
    return false;
  }
  return one == other;
}

// The first thing that is not as the library has it; empty: all is.
std::string difference(const std::string& text) {
  const Json expected = parsed_by_library(text);
  if (const auto read = JsonText::read(text, kLimits)) {
    if (expected.is_discarded()) return "is read, and is no JSON";
    if (!are_same(read->root().tree(), expected)) return "has another tree";
    std::string made = "before";
    read->root().append_to(made);
    if (made != "before" + dumped_by_library(expected)) return "has another text: " + made;
  }
  const auto parsed = parse_json(text, kLimits);
  if (!parsed && parsed.error().code == "json.too_deep") return {};
  if (parsed.has_value() == expected.is_discarded()) return "is taken by one alone";
  if (parsed && !are_same(*parsed, expected)) return "is parsed to another tree";
  return {};
}

// Texts as people and machines write them, the odd and the wrong among them.
class Texts final {
 public:
  explicit Texts(std::uint64_t seed) : random_(seed) {}

  std::string value(int depth) {
    switch (random_.below(depth > 0 ? 6 : 4)) {
      case 0:
        return one_of(kNumbers);
      case 1:
        return random_.chance(0.97) ? one_of(kLiterals) : one_of(kWrongLiterals);
      case 2:
      case 3:
        return string();
      case 4:
        return list('[', ']', [&] { return value(depth - 1); });
      default:
        return list('{', '}',
                    [&] { return name() + spaces() + ":" + spaces() + value(depth - 1); });
    }
  }

  std::string garbled(std::string text) {
    static constexpr std::string_view kBytes = "\"\\{}[]:,0-.eEtu \n\x01\x7f\x80\xc3\xff\0d"sv;
    for (std::uint64_t i = 0; i <= random_.below(2); ++i) {
      const auto at = static_cast<std::size_t>(random_.below(text.size() + 1));
      const char byte = kBytes[static_cast<std::size_t>(random_.below(kBytes.size()))];
      if (random_.chance(0.4) && at < text.size()) {
        text[at] = byte;
      } else if (random_.chance(0.5)) {
        text.insert(at, 1, byte);
      } else if (at < text.size()) {
        text.erase(at, random_.chance(0.1) ? text.size() : 1);
      }
    }
    return text;
  }

 private:
  using List = std::vector<std::string>;

  static inline const List kNumbers = {"0",
                                       "1",
                                       "-1",
                                       "-0",
                                       "1.0",
                                       "1.50",
                                       "0.1",
                                       "-0.0",
                                       "1e3",
                                       "1E+2",
                                       "1e-7",
                                       "1e-400",
                                       "123456789012345678",
                                       "9223372036854775807",
                                       "9223372036854775808",
                                       "18446744073709551615",
                                       "-9223372036854775808",
                                       "3.141592653589793",
                                       "2.2250738585072011e-308",
                                       "0.1000000000000000055511151231257827",
                                       "1e22"};
  static inline const List kLiterals = {"true", "false", "null", "[]", "{}", "\"\""};
  static inline const List kWrongLiterals = {"nul",
                                             "True",
                                             "truex",
                                             "00",
                                             "01",
                                             "-",
                                             "1.",
                                             ".5",
                                             "+1",
                                             "1-2",
                                             "1e400",
                                             "NaN",
                                             "18446744073709551616",
                                             "-9223372036854775809",
                                             "100000000000000000000000"};
  static inline const List kPieces = {"",
                                      "a",
                                      "status",
                                      " ",
                                      "/",
                                      "\\/",
                                      "\\n",
                                      "\\b\\f\\r\\t",
                                      "\\u0041",
                                      "\\u00e9",
                                      "\\u0000",
                                      "\\ud83d\\ude00",
                                      "\\u001f",
                                      "\x7f",
                                      "\xc3\xa9",
                                      "\xe2\x82\xac",
                                      "\xf0\x9f\x98\x80",
                                      "\\\\",
                                      "\\\"",
                                      "0123456789abcdef",
                                      "{[,:]}"};
  static inline const List kWrongPieces = {
      "\\ud83d",  "\\ude00",        "\\uD800\\ue000",   "\xc3", "\xed\xa0\x80",
      "\xc0\x80", "\xf5",           "\xf4\x90\x80\x80", "\t",   "\\x",
      "\\u12",    "\\ud800\\u0041", "\\\\ud800"};
  static inline const List kNames = {"a",  "b", "aa",      "B",        "",  "a b",
                                     "id", "z", "\\u0061", "\xc3\xa9", "{", "\\u0000"};
  static inline const List kSpaces = {" ", "\n  ", "\t", "\r\n"};

  const std::string& one_of(const List& list) {
    return list[static_cast<std::size_t>(random_.below(list.size()))];
  }
  std::string string() {
    std::string text = "\"";
    for (std::uint64_t i = 0, count = random_.below(4); i < count; ++i) {
      if (random_.chance(0.02)) {
        text += one_of(kWrongPieces);
      } else {
        text += random_.chance(0.5) ? one_of(kPieces) : "plain text ";
      }
    }
    return text + "\"";
  }
  std::string name() { return "\"" + one_of(kNames) + "\""; }
  std::string spaces() {
    if (random_.chance(0.005)) return "\f";
    return random_.chance(0.2) ? one_of(kSpaces) : "";
  }
  template <class Item>
  std::string list(char open, char close, Item item) {
    std::string text = open + spaces();
    for (std::uint64_t i = 0, count = random_.below(5); i < count; ++i) {
      if (i > 0) text += "," + spaces();
      text += item() + spaces();
    }
    return text + close;
  }

  Random random_;
};

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("a text that is read without a tree is the one that its tree gives") {
  CHECK(rc::check("valid and nearly valid texts", [](std::uint64_t seed) {
    Texts texts(seed);
    for (int i = 0; i < 50; ++i) {
      const std::string text = texts.value(4);
      const std::string found = difference(text);
      if (!found.empty()) RC_FAIL(text + " " + found);
    }
  }));
  CHECK(rc::check("garbled texts", [](std::uint64_t seed) {
    Texts texts(seed);
    for (int i = 0; i < 50; ++i) {
      const std::string text = texts.garbled(texts.value(3));
      const std::string found = difference(text);
      if (!found.empty()) RC_FAIL(text + " " + found);
    }
  }));
}

TEST_CASE("most texts are read without the library, and it has the rest") {
  Texts texts(1);
  int valid = 0;
  int read = 0;
  for (int i = 0; i < 5'000; ++i) {
    const std::string text = texts.value(4);
    valid += parsed_by_library(text).is_discarded() ? 0 : 1;
    read += JsonText::read(text, kLimits).has_value() ? 1 : 0;
  }
  CHECK(valid > 3'000);
  CHECK(read < valid);
  CHECK(read > valid * 9 / 10);
}

TEST_CASE("texts at the edge of JSON mean what they mean to the library") {
  for (const std::string text : {"",
                                 " ",
                                 "0",
                                 "-0",
                                 "[-0,0,-0.0,0e0]",
                                 "00",
                                 "01",
                                 "-",
                                 "-01",
                                 "1.",
                                 ".5",
                                 "1.5",
                                 "1e5",
                                 "1E+5",
                                 "1e",
                                 "1e400",
                                 "-1e400",
                                 "[1e400]",
                                 "1e-400",
                                 "9223372036854775807",
                                 "9223372036854775808",
                                 "18446744073709551615",
                                 "18446744073709551616",
                                 "-9223372036854775808",
                                 "-9223372036854775809",
                                 "[123456789012345678901234567890]",
                                 "tru",
                                 "true",
                                 "nullx",
                                 "true false",
                                 "[1,]",
                                 "[,1]",
                                 "[1 2]",
                                 "[1]]",
                                 "{,}",
                                 "{\"a\"}",
                                 "{a:1}",
                                 "{\"a\"1}",
                                 "{1:2}",
                                 "{\"a\":1,}",
                                 "{\"a\":1,\"a\":2}",
                                 "{\"b\":1,\"a\":2,\"b\":{}}",
                                 "{\"a\":1,\"\\u0061\":2}",
                                 "{\"b\":1,\"a\":{\"x\":1},\"b\":2,\"a\":{\"y\":3}}",
                                 "{\"\xff\":1}",
                                 " {\"a\" : [ 1 , 2 ] } ",
                                 "\"\\u00e9\"",
                                 "\"\\ud83d\\ude00\"",
                                 "\"\\ud83d\"",
                                 "\"\\ude00\"",
                                 "\"\\uDE00\"",
                                 "\"\\ud800\\ud800\"",
                                 "\"\\ud800\\ue000\"",
                                 "\"\\ud800\\u0041\"",
                                 "\"\\udbff\\udfff\"",
                                 "{\"\\udc00\":1}",
                                 "\"\\\\ud800\"",
                                 "\"\\uffff\"",
                                 "\"\\u12\"",
                                 "\"\\u12g4\"",
                                 "\"\\q\"",
                                 "\"a\\/b\\n\\\"\\u0000c\"",
                                 "\"a\nb\"",
                                 "\"\x7f\"",
                                 "\"a",
                                 "\"a\\",
                                 "\"a\\\"",
                                 "{}x",
                                 "{} {}",
                                 "\xef\xbb\xbf{}",
                                 "\xef\xbb{}",
                                 "\xfe\xff{}",
                                 "+1",
                                 "--1",
                                 "1-2",
                                 "1.5.5",
                                 "\"\xc3\xa9\"",
                                 "\"\xc3\"",
                                 "\"\xff\"",
                                 "\"\xc0\x80\"",
                                 "\"\xe0\x80\x80\"",
                                 "\"\xed\xa0\x80\"",
                                 "\"\xf4\x8f\xbf\xbf\"",
                                 "\"\xf4\x90\x80\x80\"",
                                 "{}\xff",
                                 "// 1",
                                 "'a'",
                                 "[[[]]]",
                                 "[[[[]]",
                                 "Infinity",
                                 "\v1",
                                 "[\f1]",
                                 "[1\x1a]"}) {
    CAPTURE(text);
    CHECK(difference(text) == "");
  }
  for (const std::string& text :
       {std::string("\0", 1), std::string("{}\0", 3), std::string("{}\0x", 4),
        std::string("[\0]", 3), std::string("\"\0\"", 3), std::string("1\0", 2)}) {
    CAPTURE(text);
    CHECK(difference(text) == "");
  }
}

TEST_CASE("a zero byte is no part of JSON, wherever it stands") {
  for (const std::string_view text : {"[1\0]"sv, "[true\0]"sv, "{\"a\":1\0}"sv, "\"a\0\""sv}) {
    INFO(text.substr(0, text.find('\0')));
    CHECK_FALSE(JsonText::read(text, kLimits));
    CHECK(parsed_by_library(text).is_discarded());
  }
}

TEST_CASE("half a surrogate pair is no character, whatever stands behind it") {
  for (const char* text : {"\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ue000\"", "\"\\uD800x\""}) {
    CAPTURE(text);
    CHECK_FALSE(JsonText::read(text, kLimits));
    const auto parsed = parse_json(text, kLimits);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == "json.invalid");
  }
  CHECK(parse_json("\"\\ud83d\\ude00\"", kLimits) == Json("\xf0\x9f\x98\x80"));
}

TEST_CASE("what is refused is refused with the same words and offset as ever") {
  const auto said = [](std::string_view text, JsonLimits limits) {
    const auto parsed = parse_json(text, limits);
    REQUIRE_FALSE(parsed);
    return std::pair{parsed.error().code, parsed.error().offset};
  };
  using Said = std::pair<std::string, std::optional<std::size_t>>;
  CHECK(said("{\"a\":1,}", kLimits) == Said{"json.invalid", 7});
  CHECK(said("[1e400]", kLimits) == Said{"json.invalid", 1});
  CHECK(said("", kLimits) == Said{"json.invalid", 0});
  CHECK(said(nested(65), kLimits) == Said{"json.too_deep", 64});
  CHECK(said("[1,2]", {4}) == Said{"json.too_large", std::nullopt});
}

TEST_CASE(
    "a text is as deep as its limit and no deeper, also where its innermost lists are empty") {
  for (const std::size_t depth_max : {1U, 2U, 3U, 16U, 64U, 66U}) {
    for (std::size_t depth = depth_max > 2 ? depth_max - 2 : 0; depth < depth_max + 3; ++depth) {
      for (const std::string& inner :
           {std::string(), std::string("1"), std::string("{\"a\":{}}")}) {
        const std::string text =
            depth == 0 ? "0" : std::string(depth, '[') + inner + std::string(depth, ']');
        const std::size_t whole = depth == 0 ? 0 : depth + (inner.size() > 1 ? 2 : 0);
        CAPTURE(text, depth_max);
        const bool is_read = JsonText::read(text, {1'000, depth_max}).has_value();
        CHECK((!is_read || whole <= depth_max));
        CHECK((is_read || whole + 1 >= depth_max));
        CHECK(parse_json(text, {1'000, depth_max}).has_value() == (whole <= depth_max));
      }
    }
  }
}

TEST_CASE("a text that may have too many values is not read") {
  std::string text = "[";
  for (int i = 0; i < 100; ++i) text += "{},";
  text += "[]]";
  for (std::size_t values_max = 1; values_max < 400; ++values_max) {
    CAPTURE(values_max);
    if (JsonText::read(text, kLimits, values_max)) CHECK(check_value_count(text, values_max));
  }
  CHECK(JsonText::read(text, kLimits, 400));
  CHECK_FALSE(JsonText::read(text, kLimits, 100));
}

TEST_CASE("members come in the order of their names, of those with one name the last") {
  const auto canonical = [](std::string_view text) {
    std::string made;
    const auto read = JsonText::read(text, kLimits);
    REQUIRE(read);
    read->root().append_to(made);
    return made;
  };
  CHECK(canonical(" { \"z\" : -12 ,\n\t\"a\" : [ ] , \"m\" : { } } ") ==
        R"({"a":[],"m":{},"z":-12})");
  CHECK(canonical(R"({"b":{"z":1,"y":2},"a":{"x":3,"w":[{"q":1,"p":2}]}})") ==
        R"({"a":{"w":[{"p":2,"q":1}],"x":3},"b":{"y":2,"z":1}})");
  CHECK(canonical(R"({"b":1,"a":{"x":1},"b":2,"a":{"y":3}})") == R"({"a":{"y":3},"b":2})");
  CHECK(canonical("{\"name\":\"Jos\xc3\xa9\",\"price\":12.50}") ==
        "{\"name\":\"Jos\xc3\xa9\",\"price\":12.5}");
  CHECK(canonical(R"({"note":"a \"b\"\n\u00e9\u0001"})") ==
        "{\"note\":\"a \\\"b\\\"\\n\xc3\xa9\\u0001\"}");
}

TEST_CASE("a value is read as what it is, and as nothing else") {
  const auto text = JsonText::read(
      R"({"s":"\u0041","i":-17,"b":false,"n":null,"f":1.0,"u":9223372036854775808,"a":[1,2],"o":{}})",
      kLimits);
  REQUIRE(text);
  std::vector<std::string> names;
  const bool went_on = text->root().each_member([&](std::string_view name, JsonValue value) {
    CAPTURE(name);
    names.emplace_back(name);
    CHECK(value.string() == (name == "s" ? std::optional<std::string_view>("A") : std::nullopt));
    CHECK(value.integer() == (name == "i" ? std::optional<std::int64_t>(-17) : std::nullopt));
    CHECK(value.boolean() == (name == "b" ? std::optional(false) : std::nullopt));
    CHECK(value.is_null() == (name == "n"));
    CHECK(value.is_object() == (name == "o"));
    CHECK(value.is_array() == (name == "a"));
    CHECK(value.each_member([](std::string_view, JsonValue) { return true; }) == (name == "o"));
    std::int64_t sum = 0;
    const auto add = [&](JsonValue item) { return (sum += item.integer().value_or(9)) < 100; };
    CHECK(value.each_item(add) == (name == "a"));
    CHECK(sum == (name == "a" ? 3 : 0));
    return name != "a";
  });
  CHECK_FALSE(went_on);
  CHECK(names == std::vector<std::string>{"s", "i", "b", "n", "f", "u", "a"});
}

TEST_CASE("texts that are held at the same time, small and large, keep apart") {
  std::string long_text = "[\"" + std::string(60'000, 'x') + "\"]";
  const auto one = JsonText::read("[\"one\"]", kLimits);
  auto large = JsonText::read(long_text, kLimits);
  const auto two = JsonText::read("[\"two\"]", kLimits);
  const auto parsed = parse_json("[\"three\"]", kLimits);
  REQUIRE((one && large && two && parsed));
  CHECK(one->root().tree() == Json::array({"one"}));
  CHECK(dump_json(large->root().tree()) == long_text);
  large.reset();
  const auto four = JsonText::read("[\"four\"]", kLimits);
  REQUIRE(four);
  CHECK(two->root().tree() == Json::array({"two"}));
  CHECK(one->root().tree() == Json::array({"one"}));
  CHECK(four->root().tree() == Json::array({"four"}));
}

TEST_CASE("large texts that follow each other share their memory, and each is read as if alone") {
  const auto text_of = [](std::size_t items, char fill) {
    std::string text = "[";
    for (std::size_t i = 0; i < items; ++i)
      text += (i > 0 ? ",\"" : "\"") + std::string(100, fill) + std::to_string(i) + "\"";
    return text + "]";
  };
  JsonText::Memory memory;
  for (const std::size_t items : std::vector<std::size_t>{2'000, 3, 5'000, 2'000}) {
    const std::string text = text_of(items, static_cast<char>('a' + items % 26));
    {
      const auto read = JsonText::read(text, {text.size(), 8}, SIZE_MAX, &memory);
      REQUIRE(read.has_value());
      CHECK(read->root().tree() == Json::parse(text));
    }
    // One that is wrong gives the memory back as well.
    CHECK_FALSE(JsonText::read(text + "x", {text.size() + 1, 8}, SIZE_MAX, &memory).has_value());
    if (items == 5'000) memory.release();
  }
}
