#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.hpp"

namespace landfall::store {

// Since when nobody has written to a database, as far as its owner looked. Pure; one thread.
class QuietWatch final {
 public:
  // `commit_seq`: of the database's last commit, as it is now.
  [[nodiscard]] Instant since(std::uint64_t commit_seq, Instant now) {
    const bool is_new = seen_seq_ != commit_seq || now < seen_at_;
    if (is_new) {
      seen_seq_ = commit_seq;
      seen_at_ = now;
    }
    return seen_at_;
  }
  // The next look is the first again.
  void forget() { seen_seq_.reset(); }

 private:
  std::optional<std::uint64_t> seen_seq_;  // the last commit, when it was first seen to be that
  Instant seen_at_;
};

}  // namespace landfall::store
