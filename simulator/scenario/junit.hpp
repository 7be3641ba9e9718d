#pragma once

#include <string>
#include <vector>

namespace landfall::scenario {

struct JunitCase {
  std::string name;
  std::string file;
  double seconds = 0;
  std::string failure;  // several lines; empty when it passed
  std::string skipped;  // why it was not played; empty when it was
};

// The report that build servers read: one suite, a case for each scenario.
[[nodiscard]] std::string junit_xml(const std::string& suite, const std::vector<JunitCase>& cases);

}  // namespace landfall::scenario
