#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/base/random.hpp"
#include "simulator/world/observer.hpp"
#include "simulator/world/virtual_phone.hpp"

namespace landfall::world {

class VirtualWorld;

// What becomes of a phone's files between two of its processes, by the plan: a page of the
// partition decays, an update of the app finds files of a version before page checksums (and is cut
// short by crashes), an older app finds what a newer one wrote, and is replaced again. Each ends
// the process first. What it draws is its own, so that worlds without such events stay as they are.
class FileEvents final {
 public:
  explicit FileEvents(VirtualWorld& world);

  // From now on, until `stop`.
  void start();
  // Every phone is off or has files that its app knows when this returns.
  void stop();
  // The next process of a phone that is off begins, and may meet the crash that an update has to
  // live through. Nothing when it runs already.
  void boot(VirtualPhone& phone);

 private:
  struct Newer {
    std::string file;
    std::int64_t version;  // that it had before
  };
  using Strike = void (FileEvents::*)(VirtualPhone&);

  void schedule(VirtualPhone& phone, Duration mean, Strike strike);
  void damage(VirtualPhone& phone);
  void update(VirtualPhone& phone);
  void downgrade(VirtualPhone& phone);
  void upgrade_again(VirtualPhone& phone);
  // Ends the process; true when the phone was running and has one partition of its own.
  [[nodiscard]] bool switch_off(VirtualPhone& phone, std::string& partition);
  void boot_later(VirtualPhone& phone);

  VirtualWorld& world_;
  Random random_;
  std::uint64_t epoch_ = 0;
  std::map<VirtualPhone*, Newer> newer_;
  std::map<VirtualPhone*, int> cuts_left_;  // crashes that meet the next processes
};

}  // namespace landfall::world
