#include "simulator/demo/report.hpp"

#include <array>
#include <cstdio>
#include <map>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/demo/checks.hpp"
#include "simulator/demo/display.hpp"

namespace landfall::demo {
namespace {

constexpr std::size_t kLabelColumns = 34;
constexpr std::size_t kWhyColumns = 30;

constexpr std::array<std::string_view, 11> kStates{"applied",    "rejected",  "conflict", "failed",
                                                   "blocked",    "queued",    "sending",  "unknown",
                                                   "superseded", "cancelled", "discarded"};

std::map<std::string, int> count_states(const Record& record) {
  std::map<std::string, int> counts;
  for (const auto& operation : record.operations) ++counts[operation.state];
  return counts;
}

// What operations.explain says beyond the state.
std::string why(const OperationRecord& operation) {
  std::string text;
  for (const auto& cause : operation.causes) {
    if (cause == operation.state) continue;
    text += (text.empty() ? "" : ", ") + cause;
  }
  if (!operation.would_help.empty())
    text += (text.empty() ? "" : "; ") + ("helps: " + operation.would_help);
  return text.empty() ? "the server's verdict" : text;
}

std::string row(const OperationRecord& operation) {
  const std::string arrived =
      std::to_string(operation.arrivals) + (operation.arrivals == 1 ? " time" : " times");
  std::string line = fitted(operation.label, kLabelColumns) + " " +
                     fitted(operation.state.empty() ? "lost" : operation.state, 9) +
                     fitted(std::to_string(operation.attempts), 9) + fitted(arrived, 9) +
                     fitted(std::to_string(operation.effects), 8) +
                     fitted(why(operation), kWhyColumns);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string faults_line(const Record& record) {
  std::string lines = "faults      ";
  std::size_t width = lines.size();
  for (const auto& [name, count] : record.faults.by_name()) {
    if (count == 0) continue;
    const std::string word = name + " " + std::to_string(count);
    if (width > 12 && width + 2 + word.size() > 100) {
      lines += "\n            ";
      width = 12;
    }
    lines += (width > 12 ? "  " : "") + word;
    width += (width > 12 ? 2 : 0) + word.size();
  }
  return lines + "\n";
}

std::string states_line(const Record& record) {
  std::string line = std::to_string(record.operations.size()) + " accepted";
  for (const auto& [state, count] : count_states(record)) {
    line += ", " + std::to_string(count) + " " + (state.empty() ? "lost" : state);
  }
  return line;
}

}  // namespace

std::string report_text(const Report& report) {
  const Record& record = report.record;
  std::string text = "\n" + fitted("operation", kLabelColumns) + " " + fitted("state", 9) +
                     fitted("attempts", 9) + fitted("arrived", 9) + fitted("effects", 8) + "why\n";
  for (const auto& operation : record.operations) text += row(operation);
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%.1f",
                static_cast<double>(report.took.count()) / 1'000.0);
  text += "\noperations  " + states_line(record) + "\n";
  text += "server      " + std::to_string(record.server_effects) + " effects, " +
          std::to_string(duplicate_effects(record)) + " of them duplicates\n";
  text += "tokens      " + std::to_string(record.refreshes) + " refreshed\n";
  text += faults_line(record);
  for (const auto& violation : report.violations) text += "VIOLATION   " + violation + "\n";
  text += fitted(report.violations.empty() ? "ok" : "FAILED", 12) + "profile " + report.profile +
          ", seed " + std::to_string(report.seed) + ", " + seconds.data() + " s\n";
  return text;
}

Json report_json(const Report& report) {
  const Record& record = report.record;
  const auto counts = count_states(record);
  Json operations{{"accepted", record.operations.size()}};
  for (const auto state : kStates) {
    const auto found = counts.find(std::string(state));
    operations[std::string(state)] = found == counts.end() ? 0 : found->second;
  }
  return {{"ok", report.violations.empty()},
          {"profile", report.profile},
          {"seed", report.seed},
          {"operations", std::move(operations)},
          {"server_effects", record.server_effects},
          {"duplicate_effects", duplicate_effects(record)},
          {"refreshes", record.refreshes},
          {"faults", record.faults.by_name()},
          {"violations", report.violations},
          {"seconds", static_cast<double>(report.took.count()) / 1'000.0}};
}

}  // namespace landfall::demo
