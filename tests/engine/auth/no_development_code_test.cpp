#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include "tests/source_tree.hpp"

// Of a code that a development server takes the engine knows nothing, so that no build of it can be
// talked into one.
namespace {

namespace fs = std::filesystem;

const std::regex kBypass("(^|[^0-9A-Za-z'_])0{6}([^0-9A-Za-z'_]|$)|development_code");

bool holds_bypass(const std::string& text) { return std::regex_search(text, kBypass); }

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("INV-A15: the development code stands in no source that a client is built from") {
  const fs::path root = landfall::testing::source_tree();
  int looked_at = 0;
  for (const char* folder : {"engine", "actors", "mobile_glue", "schema"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file()) continue;
      ++looked_at;
      INFO(entry.path().string());
      std::ifstream file(entry.path(), std::ios::binary);
      for (std::string line; std::getline(file, line);) {
        if (holds_bypass(line)) FAIL_CHECK(line);
      }
    }
  }
  CHECK(looked_at > 300);
}

TEST_CASE("INV-A15: the scan for it sees it") {
  CHECK(holds_bypass("if (code == \"000000\") return true;"));
  CHECK(holds_bypass("code == 000000"));
  CHECK(holds_bypass("options.development_codes"));
  CHECK_FALSE(holds_bypass("1000000"));
  CHECK_FALSE(holds_bypass("00000000-0000-4000-8000-000000000001"));
  const fs::path codes =
      fs::path(landfall::testing::source_tree()) / "simulator" / "backend" / "sms_codes.cpp";
  CHECK(holds_bypass(text_of(codes)));
}
