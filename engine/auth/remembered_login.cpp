#include "engine/auth/remembered_login.hpp"

#include "engine/base/base64.hpp"
#include "engine/base/json.hpp"
#include "engine/store/meta_table.hpp"
#include "schema/limits.hpp"

#include <sodium.h>
#include <nlohmann/json.hpp>

#include <span>
#include <utility>

namespace landfall::auth {
namespace {

constexpr std::string_view kName = "session.remembered_email";

}  // namespace

Result<std::string> read_remembered_email(const store::Reader& device) {
  LANDFALL_TRY_ASSIGN(const auto kept, store::MetaTable::get(device, kName));
  return kept.value_or("");
}

Result<std::string> remember_email(store::Transaction& device, profile::Remember rule,
                                   const RememberWish& wish, const std::string& email) {
  const bool keeps = rule != profile::Remember::none && (wish.email || keeps_password(rule, wish));
  if (keeps) {
    LANDFALL_TRY(store::MetaTable::set(device, kName, email));
    return email;
  }
  LANDFALL_TRY(store::MetaTable::remove(device, kName));
  return std::string{};
}

bool keeps_password(profile::Remember rule, const RememberWish& wish) {
  return rule == profile::Remember::credentials && wish.password;
}

Secret<std::string> credentials_text(const std::string& email,
                                     const Secret<std::string>& password) {
  std::string text = dump_json({{"email", email}, {"password", password.reveal()}});
  Secret<std::string> encoded{to_base64(std::as_bytes(std::span(text)))};
  sodium_memzero(text.data(), text.size());
  return encoded;
}

std::optional<Credentials> credentials_from(std::string_view text) {
  const auto bytes = from_base64(text);
  if (!bytes) return std::nullopt;
  const auto json = parse_json({reinterpret_cast<const char*>(bytes->data()), bytes->size()},
                               {limits::kAuthResponseBytesMax, limits::kJwtDepthMax});
  if (!json) return std::nullopt;
  auto email = string_at(*json, "email");
  auto password = string_at(*json, "password");
  if (!email || !password) return std::nullopt;
  return Credentials{std::move(*email), Secret<std::string>{std::move(*password)}};
}

}  // namespace landfall::auth
