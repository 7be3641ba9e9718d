#include "simulator/backend/pins.hpp"

#include <cstddef>
#include <string>

#include "simulator/backend/accounts.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kSaltBytes = 16;

}  // namespace

void Pins::set(std::string_view user_id, std::string_view device_id, std::string_view pin) {
  const std::string salt = random_hex(random_, kSaltBytes);
  Query(database_,
        "INSERT INTO pins (user_id, device_id, salt, hash) VALUES (?,?,?,?)"
        " ON CONFLICT (user_id, device_id) DO UPDATE SET salt = excluded.salt, hash = "
        "excluded.hash",
        user_id, device_id, salt, hash_password(pin, salt))
      .run();
}

Pins::Verdict Pins::judge(std::string_view user_id, std::string_view device_id,
                          std::string_view pin, Instant now) {
  {
    Query lock(database_, "SELECT locked_until FROM pin_locks WHERE user_id = ?", user_id);
    if (lock.step() && Instant{lock.integer(0)} > now) return Verdict::locked;
  }
  bool is_right = false;
  {
    Query row(database_, "SELECT salt, hash FROM pins WHERE user_id = ? AND device_id = ?", user_id,
              device_id);
    is_right = row.step() && hash_password(pin, row.text(0)) == row.text(1);
  }
  if (is_right) {
    Query(database_, "DELETE FROM pin_locks WHERE user_id = ?", user_id).run();
    return Verdict::right;
  }
  // The fifth failure begins the lock, and the count anew.
  Query(database_,
        "INSERT INTO pin_locks (user_id, failures, locked_until) VALUES (?1, 1, 0)"
        " ON CONFLICT (user_id) DO UPDATE SET"
        " locked_until = CASE WHEN failures + 1 >= ?2 THEN ?3 ELSE 0 END,"
        " failures = CASE WHEN failures + 1 >= ?2 THEN 0 ELSE failures + 1 END",
        user_id, kPinFailuresMax, (now + kPinLock).unix_ms)
      .run();
  return Verdict::wrong;
}

}  // namespace landfall::backend
