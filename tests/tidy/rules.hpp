#pragma once

#include "tests/tidy/source_file.hpp"

#include <string>
#include <vector>

// The house rules that a machine can check. They are a test, so that nobody argues about them in a
// review; each finding names the rule and says why it exists.
namespace landfall::tidy {

struct Finding {
  std::string path;
  int line = 0;  // from 1
  std::string rule;
  std::string why;
};

// What the rules have to know about the rest of the project.
struct Project {
  std::vector<std::string> test_folders;  // the folders below tests/ that the build globs
};

// C and C++ sources: all rules. Ordered by line within a rule.
[[nodiscard]] std::vector<Finding> check_source(const SourceFile& file, const Project& project);

// Iteration over unordered containers in engine/: the order would differ between two standard
// libraries, and with it every trace. A header and its source are judged together.
[[nodiscard]] std::vector<Finding> check_unordered_iteration(const SourceFile& header,
                                                             const SourceFile& source);

// Any other text file: unfinished work, and the length of lines in scripts and build files.
[[nodiscard]] std::vector<Finding> check_text(const SourceFile& file);

}  // namespace landfall::tidy
