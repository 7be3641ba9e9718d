#include "engine/cache/text_search.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace landfall::cache;

namespace {

bool finds(const std::string& text, const std::string& typed) {
  return has_words(fold_case(text), search_words(typed));
}

}  // namespace

TEST_CASE("P-70 a search finds words in any case, with or without their accents") {
  CHECK(finds("Purchase Order 42", "order PURCHASE"));
  CHECK(finds("Büro für Agrarökonomie", "buro agraroko"));
  CHECK(finds("Straße", "STRASSE"));
  CHECK(finds("ΠΑΤΡΑΣ", "πατρασ"));
  CHECK(finds("Київ", "київ"));
  CHECK(finds("ÇEŞME", "çeşme"));
  CHECK(finds("Nguye\u0302\u0303n", "nguyễn"));
  CHECK_FALSE(finds("Purchase Order 42", "order invoice"));
}

TEST_CASE("a search for nothing but blanks has no words") {
  CHECK(search_words(" \t\r\n").empty());
  CHECK(search_words("").empty());
  CHECK(finds("anything", "  "));
}

TEST_CASE("what is no UTF-8 is kept as it is, and what stands around it is folded") {
  const std::string cut =
      "GR\xC3\x9C"
      "N\xC3";
  CHECK(fold_case(cut) == "grun\xC3");
  CHECK(fold_case("\xFF\xFE"
                  "A") ==
        "\xFF\xFE"
        "a");
  CHECK(fold_case(std::string("A\0B", 3)) == std::string("a\0b", 3));
}
