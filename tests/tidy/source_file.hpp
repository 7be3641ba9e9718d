#pragma once

#include <string>
#include <vector>

namespace landfall::tidy {

// One file of the project, prepared for the rules. All four texts have the same lines, and a
// position means the same in each, so that a finding can name its line.
struct SourceFile {
  std::string path;                  // from the root, with forward slashes
  std::vector<std::string> lines;    // as written
  std::vector<std::string> uttered;  // comments blanked
  std::vector<std::string> code;     // comments and the contents of literals blanked
};

// Splits a C or C++ source and blanks what is no code. Raw string literals and line comments that
// continue behind a backslash are understood.
[[nodiscard]] SourceFile read_source(std::string path, const std::string& text);

// The header that an include line names, without brackets or quotes.
struct Include {
  std::string header;
  bool quoted = false;
  int line = 0;  // from 1
};
[[nodiscard]] std::vector<Include> includes_of(const SourceFile& file);

}  // namespace landfall::tidy
