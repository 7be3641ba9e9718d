#include "simulator/backend/login_challenges.hpp"

#include <cstddef>

#include "simulator/backend/accounts.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kTokenBytes = 32;

}  // namespace

std::string LoginChallenges::open(std::string_view user_id, std::string_view device_id,
                                  Instant now) {
  Query(database_,
        "DELETE FROM login_challenges WHERE (user_id = ? AND device_id = ?) OR expires_at <= ?",
        user_id, device_id, now.unix_ms)
      .run();
  std::string token = random_hex(random_, kTokenBytes);
  Query(database_,
        "INSERT INTO login_challenges (token, user_id, device_id, expires_at) VALUES (?,?,?,?)",
        token, user_id, device_id, (now + options_.challenge_lifetime).unix_ms)
      .run();
  return token;
}

std::optional<std::string> LoginChallenges::find(std::string_view token, std::string_view device_id,
                                                 Instant now) {
  Query row(database_,
            "SELECT user_id FROM login_challenges WHERE token = ? AND device_id = ? AND"
            " expires_at > ?",
            token, device_id, now.unix_ms);
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

std::int64_t LoginChallenges::note_wrong(std::string_view token) {
  Query(database_, "UPDATE login_challenges SET attempts = attempts + 1 WHERE token = ?", token)
      .run();
  std::int64_t left = 0;
  {
    Query row(database_, "SELECT attempts FROM login_challenges WHERE token = ?", token);
    if (row.step()) left = kChallengeAttemptsMax - row.integer(0);
  }
  if (left <= 0) close(token);
  return left;
}

void LoginChallenges::close(std::string_view token) {
  Query(database_, "DELETE FROM login_challenges WHERE token = ?", token).run();
}

}  // namespace landfall::backend
