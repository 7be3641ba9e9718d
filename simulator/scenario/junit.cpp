#include "simulator/scenario/junit.hpp"

#include <algorithm>
#include <cstdio>

namespace landfall::scenario {
namespace {

std::string escaped(const std::string& text) {
  std::string xml;
  for (const char c : text) {
    switch (c) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      case '"':
        xml += "&quot;";
        break;
      case '\n':
        xml += "&#10;";
        break;
      default:
        // XML 1.0 has no way to write the other control characters.
        xml += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return xml;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

std::string case_xml(const std::string& suite, const JunitCase& one) {
  std::string xml = "  <testcase classname=\"" + escaped(suite) + "\" name=\"" + escaped(one.name) +
                    "\" file=\"" + escaped(one.file) + "\" time=\"" + seconds_text(one.seconds) +
                    "\"";
  if (!one.skipped.empty()) {
    return xml + ">\n    <skipped message=\"" + escaped(one.skipped) + "\"/>\n  </testcase>\n";
  }
  if (one.failure.empty()) return xml + "/>\n";
  const std::string first_line = one.failure.substr(0, one.failure.find('\n'));
  return xml + ">\n    <failure message=\"" + escaped(first_line) + "\">" + escaped(one.failure) +
         "</failure>\n  </testcase>\n";
}

}  // namespace

std::string junit_xml(const std::string& suite, const std::vector<JunitCase>& cases) {
  double seconds = 0;
  for (const auto& one : cases) seconds += one.seconds;
  const auto failures = std::count_if(cases.begin(), cases.end(),
                                      [](const auto& one) { return !one.failure.empty(); });
  const auto skipped = std::count_if(cases.begin(), cases.end(),
                                     [](const auto& one) { return !one.skipped.empty(); });
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"" +
                    escaped(suite) + "\" tests=\"" + std::to_string(cases.size()) +
                    "\" failures=\"" + std::to_string(failures) + "\" skipped=\"" +
                    std::to_string(skipped) + "\" errors=\"0\" time=\"" + seconds_text(seconds) +
                    "\">\n";
  for (const auto& one : cases) xml += case_xml(suite, one);
  return xml + "</testsuite>\n";
}

}  // namespace landfall::scenario
