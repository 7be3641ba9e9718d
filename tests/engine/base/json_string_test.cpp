#include "engine/base/json_string.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/base/random.hpp"

using namespace landfall;

namespace {

std::string dumped_by_library(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

TEST_CASE("a string is written in the library's bytes") {
  static const std::vector<std::string> pieces = {
      "a",        "plain text", "\"",           "\\",       "/",           "\b",
      "\t",       "\n",         "\x01",         "\x1f",     "\x7f",        "\xc3\xa9",
      "\xe2\x82", "\xff",       "\xed\xa0\x80", "\xc0\x80", "\xf0\x9f\x98"};
  Random random(2);
  for (int i = 0; i < 20'000; ++i) {
    std::string value;
    for (std::uint64_t count = random.below(12); count > 0; --count)
      value +=
          pieces[static_cast<std::size_t>(random.below(random.chance(0.5) ? 4 : pieces.size()))];
    const std::string expected = dumped_by_library(Json(value));
    std::string text = "before";
    append_json_string(text, value);
    REQUIRE(text == "before" + expected);
    REQUIRE(json_string_bytes(value) == expected.size());
    if (expected.find("\xef\xbf\xbd") != std::string::npos) continue;
    std::string of_utf8;
    append_json_utf8(of_utf8, value);
    REQUIRE(of_utf8 == expected);
  }
}

TEST_CASE("each byte, at each place of a word, is written as the library writes it") {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t at = 0; at < 18; ++at) {
      std::string value(18, 'a');
      value[at] = static_cast<char>(byte);
      std::string text;
      append_json_string(text, value);
      REQUIRE(text == dumped_by_library(Json(value)));
      if (byte >= 0x80) continue;
      text.clear();
      append_json_utf8(text, value);
      REQUIRE(text == dumped_by_library(Json(value)));
    }
  }
}
