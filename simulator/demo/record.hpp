#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/ids.hpp"
#include "simulator/faults/fault_plan.hpp"

namespace landfall::demo {

// One operation that the phone accepted, as both sides know it in the end.
struct OperationRecord {
  std::string id;
  EntityKey entity;
  std::string label;     // for people: "approve PO-2026-00123"
  std::string expected;  // the state that the story leads to
  // What the phone says; empty when it does not know the operation any more.
  std::string state;
  std::string block_reason;
  int attempts = 0;
  std::vector<std::string> causes;  // of operations.explain
  std::string would_help;
  // What the server says.
  std::size_t effects = 0;  // changes of a document under this id
  std::string receipt;      // the status of its receipt; empty when there is none
  std::size_t arrivals = 0;
};

// A document as both sides have it in the end; a version that is absent is a document that is.
struct DocumentRecord {
  EntityKey entity;
  std::optional<std::int64_t> phone_version;
  std::optional<std::int64_t> server_version;
};

// Everything that a run is judged by.
struct Record {
  std::vector<OperationRecord> operations;
  std::vector<DocumentRecord> documents;
  std::size_t server_effects = 0;
  std::vector<std::string> foreign_effects;  // operation ids of effects that no phone was told of
  std::size_t refreshes = 0;                 // tokens that the server exchanged
  std::size_t concurrent_refreshes = 0;
  std::size_t server_violations = 0;  // what a correct phone never does
  faults::FaultCounts faults;
  std::vector<faults::Fault> scripted;  // those that the story promises
  int unstruck = 0;                     // scripted strikes that never came
  std::vector<std::string> mishaps;     // why the story could not be told to its end
};

}  // namespace landfall::demo
