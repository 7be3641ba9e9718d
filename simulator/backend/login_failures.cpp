#include "simulator/backend/login_failures.hpp"

#include <cstdint>

namespace landfall::backend {

bool LoginFailures::is_locked(std::string_view user_id, Instant now) {
  Query row(database_, "SELECT locked_until FROM login_failures WHERE user_id = ?", user_id);
  return row.step() && row.integer(0) > now.unix_ms;
}

bool LoginFailures::count(std::string_view user_id, Instant now) {
  Query(database_,
        "INSERT INTO login_failures (user_id, failures, locked_until) VALUES (?,1,0)"
        " ON CONFLICT (user_id) DO UPDATE SET failures = failures + 1",
        user_id)
      .run();
  std::int64_t failures = 0;
  {
    Query row(database_, "SELECT failures FROM login_failures WHERE user_id = ?", user_id);
    if (row.step()) failures = row.integer(0);
  }
  if (failures < static_cast<std::int64_t>(failures_max_)) return false;
  // The lock stands for all of them: behind it the count begins anew.
  Query(database_, "UPDATE login_failures SET failures = 0, locked_until = ?2 WHERE user_id = ?1",
        user_id, (now + lock_).unix_ms)
      .run();
  return true;
}

void LoginFailures::reset(std::string_view user_id) {
  Query(database_, "DELETE FROM login_failures WHERE user_id = ?", user_id).run();
}

}  // namespace landfall::backend
