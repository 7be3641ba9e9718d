#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/base/time.hpp"

namespace landfall::world {
class Phone;
}

namespace landfall::oracles {

// Refreshes whose intent found no room on the disk, of which the host was told (session.not_saved,
// C-29): a process that ends with them knows of none, and the next one asks with an intent of its
// own. It promises nothing itself; the oracles that judge refreshes each keep one.
class UnsavedRefreshes final {
 public:
  // A refresh with this id leaves the phone, for the first time or again.
  void on_sent(const world::Phone& phone, const std::string& id, Instant now);
  // The host is told: before the call leaves or behind it, in one instant.
  void on_told(const world::Phone& phone, Instant now);
  // The phone's process ended; of an intent of this instant the host was still to be told.
  void on_died(const world::Phone& phone, Instant now, bool has_room);

  // Whether the one of the two that left first was not saved: then the other is its successor's.
  // The server may see them in either order, because what left first may be on its way for longer.
  [[nodiscard]] bool lost_the_earlier(const std::string& a, const std::string& b) const;
  // The same, where that one must be `id`.
  [[nodiscard]] bool lost_and_earlier(const std::string& id, const std::string& other) const;

 private:
  struct LastOfPhone {
    std::string id;
    Instant sent_at;
    std::optional<Instant> told_at;
  };

  [[nodiscard]] std::size_t place_of(const std::string& id) const;

  std::map<const world::Phone*, LastOfPhone> last_;
  std::map<std::string, std::size_t> places_;  // in the order of their first sends
  std::set<std::string> unsaved_;
};

}  // namespace landfall::oracles
