#include "simulator/backend/accounts.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kSaltBytes = 16;

std::string hex(const unsigned char* bytes, std::size_t count) {
  std::string text(count * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes, count);
  text.pop_back();
  return text;
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// Of the columns id, email, name, roles, access_epoch, username, account_id, claims.
User read_user(const Query& row) {
  const auto roles = Json::parse(row.text(3), nullptr, false);
  const auto claims = Json::parse(row.text(7), nullptr, false);
  return {
      row.text(0),    row.text(1), row.text(2), roles.get<std::vector<std::string>>(),
      row.integer(4), row.text(5), row.text(6), claims.get<std::map<std::string, std::string>>()};
}

}  // namespace

std::string random_hex(SecureRandom& random, std::size_t bytes) {
  std::vector<std::byte> drawn(bytes);
  random.fill(drawn);
  return hex(reinterpret_cast<const unsigned char*>(drawn.data()), drawn.size());
}

std::string hash_password(std::string_view password, std::string_view salt) {
  std::array<unsigned char, crypto_generichash_BYTES> digest{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(password.data()), password.size(),
                     reinterpret_cast<const unsigned char*>(salt.data()), salt.size());
  return hex(digest.data(), digest.size());
}

void Accounts::add(const SeedUser& user) {
  const std::string salt = random_hex(random_, kSaltBytes);
  Query(database_,
        "INSERT INTO users (id, email, name, roles, salt, password_hash, username, account_id, "
        "claims)"
        " VALUES (?,?,?,?,?,?,?,?,?)",
        user.id, lower(user.email), user.name, dump_json(Json(user.roles)), salt,
        hash_password(user.password, salt), lower(user.username), user.account_id,
        dump_json(Json(user.claims)))
      .run();
}

std::optional<User> Accounts::check_password(std::string_view email, std::string_view password) {
  Query row(database_,
            "SELECT id, email, name, roles, access_epoch, username, account_id, claims, salt,"
            " password_hash FROM users WHERE email = ?1 OR (username = ?1 AND username <> '')",
            lower(email));
  if (!row.step()) return std::nullopt;
  const std::string expected = row.text(9);
  const std::string given = hash_password(password, row.text(8));
  if (given.size() != expected.size() ||
      sodium_memcmp(given.data(), expected.data(), given.size()) != 0) {
    return std::nullopt;
  }
  return read_user(row);
}

std::optional<User> Accounts::find(std::string_view user_id) {
  Query row(database_,
            "SELECT id, email, name, roles, access_epoch, username, account_id, claims"
            " FROM users WHERE id = ?",
            user_id);
  if (!row.step()) return std::nullopt;
  return read_user(row);
}

std::optional<User> Accounts::find_by_email(std::string_view email) {
  Query row(database_,
            "SELECT id, email, name, roles, access_epoch, username, account_id, claims"
            " FROM users WHERE email = ?1 OR (username = ?1 AND username <> '')",
            lower(email));
  if (!row.step()) return std::nullopt;
  return read_user(row);
}

bool Accounts::register_device(std::string_view user_id, std::string_view device_id,
                               std::string_view details, std::size_t devices_max, Instant now) {
  Query others(database_, "SELECT count(*) FROM devices WHERE user_id = ? AND device_id <> ?",
               user_id, device_id);
  if (others.step() && others.integer(0) >= static_cast<std::int64_t>(devices_max)) return false;
  Query(database_,
        "INSERT INTO devices VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET details ="
        " CASE excluded.details WHEN '{}' THEN details ELSE excluded.details END",
        user_id, device_id, now.unix_ms, details)
      .run();
  return true;
}

bool Accounts::forget_device(std::string_view user_id, std::string_view device_id) {
  const bool is_known = device_details(user_id, device_id).has_value();
  Query(database_, "DELETE FROM devices WHERE user_id = ? AND device_id = ?", user_id, device_id)
      .run();
  return is_known;
}

std::optional<std::string> Accounts::device_details(std::string_view user_id,
                                                    std::string_view device_id) {
  Query row(database_, "SELECT details FROM devices WHERE user_id = ? AND device_id = ?", user_id,
            device_id);
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

void Accounts::raise_access_epoch(std::string_view user_id) {
  Query(database_, "UPDATE users SET access_epoch = access_epoch + 1 WHERE id = ?", user_id).run();
}

}  // namespace landfall::backend
