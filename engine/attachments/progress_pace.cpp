#include "engine/attachments/progress_pace.hpp"

#include "schema/limits.hpp"

namespace landfall::attachments {
namespace {

bool is_mere_progress(const Transfer& transfer) {
  return transfer.state == State::waiting && transfer.cause.empty() && transfer.confirmed > 0;
}

}  // namespace

bool ProgressPace::on_change(const Transfer& transfer, Instant now) {
  const auto told = told_at_.find(transfer.id);
  // A clock that was set back keeps no bar standing.
  const bool is_soon = told != told_at_.end() && now >= told->second &&
                       now - told->second < Duration{limits::kTransferProgressMs};
  if (is_soon && is_mere_progress(transfer)) return false;
  if (is_settled(transfer.state)) {
    told_at_.erase(transfer.id);
  } else {
    told_at_[transfer.id] = now;
  }
  return true;
}

}  // namespace landfall::attachments
