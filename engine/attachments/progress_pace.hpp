#pragma once

#include <map>

#include "engine/attachments/transfer.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace landfall::attachments {

// Which changes of a transfer the host is told: bytes that moved at most twice a second
// (limits::kTransferProgressMs), whatever else changed at once. Remembers transfers that are open,
// and none longer. Pure.
class ProgressPace final {
 public:
  // Whether to tell of it now; what is told counts from here.
  [[nodiscard]] bool on_change(const Transfer& transfer, Instant now);

 private:
  std::map<AttachmentId, Instant> told_at_;
};

}  // namespace landfall::attachments
