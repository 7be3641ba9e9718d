#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "simulator/backend/database.hpp"
#include "simulator/backend/options.hpp"

namespace landfall::backend {

struct User {
  std::string id;
  std::string email;
  std::string name;
  std::vector<std::string> roles;
  std::int64_t access_epoch = 0;
  std::string username = {};
  std::string account_id = {};
  std::map<std::string, std::string> claims = {};
};

// `bytes` random bytes as lower-case hex.
[[nodiscard]] std::string random_hex(SecureRandom& random, std::size_t bytes);

// BLAKE2b keyed with the salt, as lower-case hex.
[[nodiscard]] std::string hash_password(std::string_view password, std::string_view salt);

// Users, their passwords and devices.
//
// Passwords are stored as BLAKE2b keyed with the account's salt, not with a slow password hash: a
// world logs in thousands of times, its passwords are printed by the backend itself, and the
// database never leaves the machine.
class Accounts final {
 public:
  Accounts(BackendDatabase& database, SecureRandom& random)
      : database_(database), random_(random) {}

  void add(const SeedUser& user);
  // `email` may be a user's other name. Both compare without case.
  [[nodiscard]] std::optional<User> check_password(std::string_view email,
                                                   std::string_view password);
  [[nodiscard]] std::optional<User> find(std::string_view user_id);
  [[nodiscard]] std::optional<User> find_by_email(std::string_view email);

  // False when the user has `devices_max` others already (P-19). A known device only changes its
  // details.
  [[nodiscard]] bool register_device(std::string_view user_id, std::string_view device_id,
                                     std::string_view details, std::size_t devices_max,
                                     Instant now);
  // False when the user has no such device.
  bool forget_device(std::string_view user_id, std::string_view device_id);
  // JSON text of its last registration; nothing when the user has no such device.
  [[nodiscard]] std::optional<std::string> device_details(std::string_view user_id,
                                                          std::string_view device_id);
  // Every access token issued so far to this user is refused from now on.
  void raise_access_epoch(std::string_view user_id);

 private:
  BackendDatabase& database_;
  SecureRandom& random_;
};

}  // namespace landfall::backend
