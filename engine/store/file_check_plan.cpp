#include "engine/store/file_check_plan.hpp"

#include <algorithm>

#include "schema/limits.hpp"

namespace landfall::store {

FileCheckPlan::FileCheckPlan(std::optional<Instant> done_at, std::size_t table, Instant now)
    : due_at_(done_at ? std::min(*done_at, now) + Duration{limits::kFileCheckIntervalMs} : now),
      table_(table) {}

Instant FileCheckPlan::next_at(std::uint64_t commit_seq, Instant now) {
  if (now < due_at_) return due_at_;
  return quiet_.since(commit_seq, now) + Duration{limits::kFileCheckQuietMs};
}

bool FileCheckPlan::on_sound(std::size_t tables, Instant now) {
  const bool is_last = ++table_ >= tables;
  if (is_last) table_ = 0;
  due_at_ = now + Duration{is_last ? limits::kFileCheckIntervalMs : limits::kFileCheckPauseMs};
  return is_last;
}

void FileCheckPlan::on_failed(Instant now) { due_at_ = now + Duration{limits::kStorageRetryMs}; }

}  // namespace landfall::store
