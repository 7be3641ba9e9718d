#include "simulator/demo/checks.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace landfall::demo {
namespace {

using Violations = std::vector<std::string>;

constexpr std::array<std::string_view, 7> kFinal{"applied",    "rejected",  "conflict", "failed",
                                                 "superseded", "cancelled", "discarded"};

bool is_final(const std::string& state) {
  return std::find(kFinal.begin(), kFinal.end(), state) != kFinal.end();
}

bool is_explained(const OperationRecord& operation) {
  return operation.state == "blocked" && !operation.causes.empty() && !operation.would_help.empty();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void check_state(const OperationRecord& operation, Violations& found) {
  if (operation.state.empty()) {
    found.push_back(operation.label + " was accepted and is lost");
  } else if (!is_final(operation.state) && !is_explained(operation)) {
    found.push_back(operation.label + " is stuck: " +
                    (operation.causes.empty() ? operation.state : joined(operation.causes)));
  } else if (operation.state != operation.expected) {
    found.push_back(operation.label + " is " + operation.state + ", the story leads to " +
                    operation.expected);
  }
}

void check_effects(const OperationRecord& operation, Violations& found) {
  if (operation.effects > 1) {
    found.push_back(operation.label + " was done " + std::to_string(operation.effects) + " times");
  }
  if (operation.state == "applied" && operation.effects == 0) {
    found.push_back(operation.label + " is applied, says the phone, and the server never did it");
  }
  const bool was_refused = operation.state == "conflict" || operation.state == "rejected";
  if (was_refused && operation.effects > 0) {
    found.push_back(operation.label + " is " + operation.state +
                    ", says the phone, and the server did it");
  }
  const bool has_verdict = operation.state == "applied" || was_refused;
  if (has_verdict && operation.receipt != operation.state) {
    found.push_back(operation.label + " is " + operation.state + ", says the phone, and " +
                    (operation.receipt.empty() ? "the server has no receipt"
                                               : "the server's receipt says " + operation.receipt));
  }
}

std::string version_of(const std::optional<std::int64_t>& version) {
  return version ? "version " + std::to_string(*version) : "none";
}

void check_document(const DocumentRecord& document, Violations& found) {
  if (document.phone_version == document.server_version) return;
  found.push_back("of " + document.entity.type + " " + document.entity.id + " the phone has " +
                  version_of(document.phone_version) + " and the server " +
                  version_of(document.server_version));
}

void check_faults(const Record& record, Violations& found) {
  for (const auto fault : record.scripted) {
    if (record.faults.of(fault) == 0)
      found.push_back("the fault " + std::string(faults::to_string(fault)) + " never struck");
  }
  if (record.unstruck > 0)
    found.push_back(std::to_string(record.unstruck) + " scripted strikes never came");
}

void check_server(const Record& record, Violations& found) {
  for (const auto& id : record.foreign_effects)
    found.push_back("the server did something that nobody handed in: " + id);
  if (record.server_violations > 0) {
    found.push_back("the server saw " + std::to_string(record.server_violations) +
                    " things that a correct phone never does");
  }
  if (record.refreshes == 0) found.push_back("no token was refreshed");
  if (record.concurrent_refreshes > 0) {
    found.push_back(std::to_string(record.concurrent_refreshes) +
                    " refreshes were under way beside another");
  }
}

}  // namespace

std::size_t duplicate_effects(const Record& record) {
  std::size_t duplicates = 0;
  for (const auto& operation : record.operations) {
    duplicates += operation.effects > 1 ? operation.effects - 1 : 0;
  }
  return duplicates;
}

std::vector<std::string> find_violations(const Record& record) {
  Violations found = record.mishaps;
  if (record.operations.empty()) found.emplace_back("no operation was accepted");
  for (const auto& operation : record.operations) {
    check_state(operation, found);
    check_effects(operation, found);
  }
  for (const auto& document : record.documents) check_document(document, found);
  check_server(record, found);
  check_faults(record, found);
  return found;
}

}  // namespace landfall::demo
