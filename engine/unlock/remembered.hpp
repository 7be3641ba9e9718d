#pragma once

#include <cstdint>
#include <string>

namespace landfall::unlock {

// What a process that lives on remembers of its lock while the machine is made anew.
struct Remembered {
  std::string user_id;
  bool is_open = false;
  std::int64_t active_ms = 0;  // on the clock's `possible` side
};

}  // namespace landfall::unlock
