#pragma once

#include <mutex>
#include <string>

namespace landfall::actors {

// Which organisation the requests of this moment are made for, but for those that name one of their
// own (MakeCall). The session writes it between two partitions, so that no request of the one
// carries the other's name. Any thread.
class SessionBoard final {
 public:
  // Empty: none is active.
  void set_organisation(std::string organisation);
  [[nodiscard]] std::string organisation() const;

 private:
  mutable std::mutex mutex_;
  std::string organisation_;
};

}  // namespace landfall::actors
