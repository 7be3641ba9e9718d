#include "tests/source_tree.hpp"
#include "tests/tidy/rules.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

using namespace landfall;
namespace fs = std::filesystem;

namespace {

const std::set<std::string> kSourceEndings = {".cpp", ".hpp", ".c", ".h", ".cc", ".cxx", ".hh"};
const std::set<std::string> kTextEndings = {".cmake", ".txt", ".md", ".json", ".sql", ".sh", ".py"};

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// What nobody wrote or tracks: builds, the repository itself, and what editors leave behind.
bool is_skipped(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return name == "build" || name == "demo-data" || (name.starts_with(".") && name != ".ci");
}

// The project's files by their path from the root.
std::map<std::string, tidy::SourceFile> read_tree(const std::set<std::string>& endings) {
  const fs::path root = testing::source_tree();
  std::map<std::string, tidy::SourceFile> files;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::end(it); ++it) {
    if (it->is_directory() && is_skipped(it->path())) {
      it.disable_recursion_pending();
    } else if (it->is_regular_file() && endings.contains(it->path().extension().string())) {
      const std::string path = fs::relative(it->path(), root).generic_string();
      files.emplace(path, tidy::read_source(path, text_of(it->path())));
    }
  }
  return files;
}

// The folders that tests/CMakeLists.txt globs, from its own lines.
tidy::Project read_project() {
  const std::string cmake = text_of(fs::path(testing::source_tree()) / "tests" / "CMakeLists.txt");
  static const std::regex call(R"((^|\n)\s*landfall_tests\((\w+))");
  tidy::Project project;
  for (auto it = std::sregex_iterator(cmake.begin(), cmake.end(), call);
       it != std::sregex_iterator(); ++it) {
    project.test_folders.push_back((*it)[2]);
  }
  return project;
}

// One line a finding, as compilers write them, so that an editor can jump to it. Catch would wrap
// the lines, so they go out beside it.
void report(const std::vector<tidy::Finding>& findings) {
  for (const tidy::Finding& finding : findings) {
    std::cerr << finding.path << ":" << finding.line << ": " << finding.rule << ": " << finding.why
              << "\n";
  }
  CHECK(findings.size() == 0);
}

void append(std::vector<tidy::Finding>& all, std::vector<tidy::Finding> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

TEST_CASE("the project's sources keep the house rules") {
  const auto files = read_tree(kSourceEndings);
  const tidy::Project project = read_project();
  REQUIRE(files.contains("schema/embedded.hpp"));
  REQUIRE(std::count(project.test_folders.begin(), project.test_folders.end(), "tidy") == 1);
  std::vector<tidy::Finding> found;
  for (const auto& [path, file] : files) append(found, tidy::check_source(file, project));
  report(found);
}

TEST_CASE("the engine iterates over no unordered container") {
  const auto files = read_tree(kSourceEndings);
  const tidy::SourceFile none;
  std::vector<tidy::Finding> found;
  for (const auto& [path, file] : files) {
    if (path.ends_with(".cpp")) {
      const auto header = files.find(path.substr(0, path.size() - 4) + ".hpp");
      append(found,
             tidy::check_unordered_iteration(header == files.end() ? none : header->second, file));
    } else if (path.ends_with(".hpp") &&
               !files.contains(path.substr(0, path.size() - 4) + ".cpp")) {
      append(found, tidy::check_unordered_iteration(file, none));
    }
  }
  report(found);
}

TEST_CASE("the project's texts announce no unfinished work") {
  std::vector<tidy::Finding> found;
  for (const auto& [path, file] : read_tree(kTextEndings)) append(found, tidy::check_text(file));
  report(found);
}
