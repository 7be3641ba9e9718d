#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

namespace {

std::string bytes_of_library() {
  std::ifstream file(LANDFALL_SHARED_LIBRARY, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A string of its own, as a compiler stores one.
std::string literal(std::string_view text) {
  return std::string(1, '\0') + std::string{text} + std::string(1, '\0');
}

}  // namespace

TEST_CASE(
    "INV-A15: the library that hosts link has no one-time code and no password of anybody in it") {
  const std::string library = bytes_of_library();
  // The search sees what is there.
  REQUIRE(library.find(literal("pin.wrong")) != std::string::npos);
  for (const char* code : {"000000", "0000", "111111", "123456", "1234", "999999"}) {
    INFO(code);
    CHECK(library.find(literal(code)) == std::string::npos);
  }
  for (const char* part : {"-pass-1", "asha@", "481629"}) {
    INFO(part);
    CHECK(library.find(part) == std::string::npos);
  }
}
