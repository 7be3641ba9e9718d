#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "tests/source_tree.hpp"

extern "C" int landfall_test_header_in_c(void);

namespace {

using Names = std::set<std::string>;

// What the shared library shows, by `nm`.
Names exported_names() {
  const std::string command = std::string{"nm -D --defined-only "} + LANDFALL_SHARED_LIBRARY;
  const std::unique_ptr<FILE, int (*)(FILE*)> output(::popen(command.c_str(), "r"), ::pclose);
  REQUIRE(output != nullptr);
  Names names;
  std::array<char, 512> line{};
  while (std::fgets(line.data(), line.size(), output.get()) != nullptr) {
    std::string text = line.data();
    text.erase(std::remove(text.begin(), text.end(), '\n'), text.end());
    names.insert(text.substr(text.rfind(' ') + 1));
  }
  return names;
}

}  // namespace

TEST_CASE("the header compiles as C11 and its functions take NULL") {
  CHECK(landfall_test_header_in_c() == 0);
}

TEST_CASE("the shared library shows exactly the functions that are listed") {
  Names listed;
  std::ifstream list(std::string{landfall::testing::source_tree()} +
                     "/tests/mobile_glue/exported_symbols.txt");
  for (std::string name; std::getline(list, name);) listed.insert(name);
  CHECK(listed.size() > 0);
  CHECK(exported_names() == listed);
}
