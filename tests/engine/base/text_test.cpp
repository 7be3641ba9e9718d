#include "engine/base/text.hpp"

#include <string_view>

#include <catch2/catch.hpp>

using namespace landfall;

TEST_CASE("A character's first byte is told from those that go on with it") {
  CHECK_FALSE(is_continuation('a'));
  const std::string_view text = "😀";
  CHECK_FALSE(is_continuation(text[0]));
  for (const char byte : text.substr(1)) CHECK(is_continuation(byte));
}

TEST_CASE("A text is cut between two characters and never within one") {
  CHECK(first_characters("plain", 5) == "plain");
  CHECK(first_characters("plain", 3) == "pla");
  CHECK(first_characters("", 0).empty());
  constexpr std::string_view kText = "a•é😀";  // 1, 3, 2 and 4 bytes
  CHECK(first_characters(kText, 10) == kText);
  CHECK(first_characters(kText, 9) == "a•é");
  CHECK(first_characters(kText, 5) == "a•");
  CHECK(first_characters(kText, 3) == "a");
  CHECK(first_characters(kText, 0).empty());
}
