#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

#include "engine/cache/document_facts.hpp"
#include "engine/store/view_index.hpp"

namespace landfall::cache {

// What was read of documents for a query, kept for the next one, in memory alone: it is gone with
// its owner, when the partition is locked or closed. An entry counts for one version of one
// document without operations over it. Bounded by limits::kSummaryIndexBytesMax: what does not fit
// is read anew each time, so that a large cache costs time and never memory.
class SummaryIndex final {
 public:
  explicit SummaryIndex(std::size_t bytes_max);
  SummaryIndex();

  // Between the two every row of the type is looked at once; what was not is dropped at the end.
  void begin_scan(const std::string& type);
  void end_scan();

  // Of the type that is scanned; null when the row is not known in this version. Valid until `put`.
  [[nodiscard]] const DocumentFacts* find(const store::DocumentRow& row);
  void put(const store::DocumentRow& row, DocumentFacts facts);

  void clear();
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::int64_t row_version = 0;
    std::int64_t stored_ms = 0;
    std::uint64_t scan = 0;
    std::size_t bytes = 0;
    DocumentFacts facts;
  };
  struct OfType {
    std::unordered_map<std::string, Entry> entries;
    std::size_t bytes = 0;  // theirs
    std::uint64_t scan = 0;
  };

  [[nodiscard]] bool make_room(std::size_t bytes);
  void count(OfType& of_type, std::size_t before, std::size_t now);

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::uint64_t scan_ = 0;
  std::map<std::string, OfType> types_;
  OfType* scanned_ = nullptr;
};

}  // namespace landfall::cache
