#include "engine/cache/summary_index.hpp"

#include <utility>

#include "engine/base/assert.hpp"
#include "schema/limits.hpp"

namespace landfall::cache {
namespace {

// What an entry takes beside its texts: the nodes of the table and the list of fields.
constexpr std::size_t kEntryBytes = 160;

std::size_t bytes_of(const std::string& id, const DocumentFacts& facts) {
  std::size_t bytes = kEntryBytes + id.size() + facts.text.size();
  for (const auto& field : facts.fields) bytes += sizeof field + field.text.size();
  return bytes;
}

}  // namespace

SummaryIndex::SummaryIndex(std::size_t bytes_max) : bytes_max_(bytes_max) {}
SummaryIndex::SummaryIndex() : SummaryIndex(limits::kSummaryIndexBytesMax) {}

void SummaryIndex::begin_scan(const std::string& type) {
  scanned_ = &types_[type];
  scanned_->scan = ++scan_;
}

void SummaryIndex::end_scan() {
  LANDFALL_ASSERT(scanned_ != nullptr);
  std::erase_if(scanned_->entries, [&](const auto& each) {
    if (each.second.scan == scan_) return false;
    count(*scanned_, each.second.bytes, 0);
    return true;
  });
  scanned_ = nullptr;
}

const DocumentFacts* SummaryIndex::find(const store::DocumentRow& row) {
  LANDFALL_ASSERT(scanned_ != nullptr);
  const auto found = scanned_->entries.find(row.id);
  if (found == scanned_->entries.end()) return nullptr;
  Entry& entry = found->second;
  if (entry.row_version != row.row_version || entry.stored_ms != row.stored_at.unix_ms)
    return nullptr;
  entry.scan = scan_;
  return &entry.facts;
}

void SummaryIndex::put(const store::DocumentRow& row, DocumentFacts facts) {
  LANDFALL_ASSERT(scanned_ != nullptr);
  if (const auto old = scanned_->entries.find(row.id); old != scanned_->entries.end()) {
    count(*scanned_, old->second.bytes, 0);
    scanned_->entries.erase(old);
  }
  const std::size_t bytes = bytes_of(row.id, facts);
  if (!make_room(bytes)) return;
  count(*scanned_, 0, bytes);
  scanned_->entries.emplace(
      row.id, Entry{row.row_version, row.stored_at.unix_ms, scan_, bytes, std::move(facts)});
}

void SummaryIndex::clear() {
  types_.clear();
  bytes_ = 0;
  scanned_ = nullptr;
}

// The type that was asked for longest ago goes first, and the one that is scanned never: it would
// push itself out from one end to the other.
bool SummaryIndex::make_room(std::size_t bytes) {
  while (bytes_ + bytes > bytes_max_) {
    OfType* oldest = nullptr;
    for (auto& [type, of_type] : types_) {
      if (&of_type == scanned_ || of_type.entries.empty()) continue;
      if (oldest == nullptr || of_type.scan < oldest->scan) oldest = &of_type;
    }
    if (oldest == nullptr) return false;
    count(*oldest, oldest->bytes, 0);
    oldest->entries.clear();
  }
  return true;
}

void SummaryIndex::count(OfType& of_type, std::size_t before, std::size_t now) {
  of_type.bytes = of_type.bytes - before + now;
  bytes_ = bytes_ - before + now;
}

}  // namespace landfall::cache
