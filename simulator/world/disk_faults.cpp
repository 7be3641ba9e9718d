#include "simulator/world/disk_faults.hpp"

namespace landfall::world {

void DiskFaults::fail_io(IoKind kind, FaultMode mode, std::uint64_t skip) {
  Plan& plan = plans_[index(kind)];
  plan.armed = true;
  plan.mode = mode;
  plan.skip = skip;
}

void DiskFaults::heal() {
  for (Plan& plan : plans_) plan.armed = false;
  writes_left_ = kNever;
}

IoStatus DiskFaults::admit_change(IoKind kind) {
  if (io_operations_ >= crash_at_) return IoStatus::dead;
  ++io_operations_;
  if (const IoStatus status = admit_look(kind); status != IoStatus::ok) return status;
  return kind != IoKind::write || has_room() ? IoStatus::ok : IoStatus::full;
}

IoStatus DiskFaults::admit_look(IoKind kind) {
  Plan& plan = plans_[index(kind)];
  if (!plan.armed) return IoStatus::ok;
  if (plan.skip > 0) {
    --plan.skip;
    return IoStatus::ok;
  }
  ++plan.fired;
  plan.armed = plan.mode == FaultMode::sticky;
  return IoStatus::failed;
}

bool DiskFaults::has_room() {
  if (writes_left_ == kNever) return true;
  if (writes_left_ > 0) {
    --writes_left_;
    return true;
  }
  ++full_refusals_;
  return false;
}

}  // namespace landfall::world
