#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/http/message.hpp"
#include "simulator/backend/accounts.hpp"
#include "simulator/backend/jwt.hpp"
#include "simulator/backend/ledger.hpp"

namespace landfall::backend {

// Who makes a call, as its access token says.
struct Caller {
  std::string user_id;
  std::string device_id;
  std::string family_id;
  std::int64_t generation = 0;
};

// A caller, or the 401 that says why not.
struct AccessCheck {
  std::optional<Caller> caller;
  http::Response refusal;
};

struct RefreshAttempt {
  std::string token;
  std::string device_id;
  std::string refresh_id;  // X-Refresh-Id, empty when absent
};

// Token families: one login on one device, its pairs numbered by generation. Exchanging a refresh
// token makes the next generation; presenting one again is judged by the mode, and reuse revokes
// the family (wire.md, "Tokens").
class Tokens final {
 public:
  Tokens(BackendDatabase& database, Accounts& accounts, Ledger& ledger, SecureRandom& random,
         const BackendOptions& options, const JwtKey& key)
      : database_(database),
        accounts_(accounts),
        ledger_(ledger),
        random_(random),
        options_(options),
        key_(key) {}

  // Starts a family and returns the members of the answer that hold its first pair. The device's
  // family before it ends.
  [[nodiscard]] std::string login(const User& user, const std::string& device_id, Instant now);
  // 200 with a pair, or 401 invalid_grant.
  [[nodiscard]] http::Response refresh(const RefreshAttempt& attempt, Instant now);
  // Judges `Authorization`; an accepted token counts as the first use of its pair.
  [[nodiscard]] AccessCheck check(const http::Request& request, Instant now);

  // False when the family is unknown or already revoked.
  bool revoke(const std::string& family_id, const std::string& cause, Instant now);
  // The living family of a device, if any.
  [[nodiscard]] std::optional<std::string> find_family(std::string_view user_id,
                                                       std::string_view device_id);
  // The family that a refresh token belongs to, alive or not.
  [[nodiscard]] std::optional<std::string> find_family_of(std::string_view refresh_token);

 private:
  struct Presented;

  [[nodiscard]] std::optional<Presented> find(const std::string& token);
  [[nodiscard]] std::string judge(const Presented& presented, const RefreshAttempt& attempt,
                                  Instant now);
  // Whether this intent was given the successor before: by its exchange or by a repetition.
  [[nodiscard]] bool is_known(const Presented& presented, const std::string& refresh_id);
  void remember(const Presented& presented, const std::string& refresh_id);
  [[nodiscard]] std::string make_generation(const std::string& family_id, std::int64_t generation,
                                            const User& user, const std::string& device_id,
                                            Instant now);
  [[nodiscard]] std::string repeat_generation(const Presented& presented, Instant now);
  [[nodiscard]] std::string make_access_token(const std::string& family_id, std::int64_t generation,
                                              const User& user, const std::string& device_id,
                                              Instant now);
  [[nodiscard]] std::string pair_members(const std::string& access, const std::string& refresh,
                                         Instant expires_at, Instant now) const;

  BackendDatabase& database_;
  Accounts& accounts_;
  Ledger& ledger_;
  SecureRandom& random_;
  const BackendOptions& options_;
  const JwtKey& key_;
};

}  // namespace landfall::backend
