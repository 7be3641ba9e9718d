#include "simulator/backend/jwt.hpp"

#include <span>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"

namespace landfall::backend {
namespace {

constexpr int kBase64Url = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::size_t kTokenBytesMax = 4096;

std::string encode(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), kBase64Url), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kBase64Url);
  text.pop_back();  // the terminator that libsodium counts
  return text;
}

std::optional<std::string> decode(std::string_view text) {
  std::string bytes(text.size(), '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &length, nullptr, kBase64Url) != 0) {
    return std::nullopt;
  }
  bytes.resize(length);
  return bytes;
}

const std::string& encoded_header() {
  static const std::string header = encode(R"({"alg":"HS256","typ":"JWT"})");
  return header;
}

std::string_view view(const JwtKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

Result<AccessClaims> read_claims(const Json& body) {
  AccessClaims claims;
  LANDFALL_TRY_ASSIGN(claims.user_id, string_at(body, "sub"));
  LANDFALL_TRY_ASSIGN(claims.device_id, string_at(body, "device"));
  LANDFALL_TRY_ASSIGN(claims.family_id, string_at(body, "family"));
  LANDFALL_TRY_ASSIGN(claims.generation, integer_at(body, "generation"));
  LANDFALL_TRY_ASSIGN(claims.epoch, integer_at(body, "epoch"));
  LANDFALL_TRY_ASSIGN(claims.token_id, string_at(body, "jti"));
  LANDFALL_TRY_ASSIGN(const std::int64_t issued_s, integer_at(body, "iat"));
  LANDFALL_TRY_ASSIGN(const std::int64_t expires_s, integer_at(body, "exp"));
  claims.issued_at = Instant{issued_s * 1000};
  claims.expires_at = Instant{expires_s * 1000};
  return claims;
}

}  // namespace

std::string hs256(std::string_view text, std::string_view key) {
  crypto_auth_hmacsha256_state state;
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()),
                              key.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                                text.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  return encode({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

std::string sign_jwt(const AccessClaims& claims, const JwtKey& key) {
  Json body = {{"sub", claims.user_id},
               {"device", claims.device_id},
               {"family", claims.family_id},
               {"generation", claims.generation},
               {"epoch", claims.epoch},
               {"jti", claims.token_id},
               {"roles", claims.roles},
               {"iat", claims.issued_at.unix_ms / 1000},
               {"exp", claims.expires_at.unix_ms / 1000}};
  for (const auto& [name, value] : claims.more) body.emplace(name, value);
  const std::string signed_part = encoded_header() + "." + encode(dump_json(body));
  return signed_part + "." + hs256(signed_part, view(key));
}

std::optional<AccessClaims> verify_jwt(std::string_view token, const JwtKey& key) {
  if (token.size() > kTokenBytesMax) return std::nullopt;
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  if (token.substr(0, first) != encoded_header()) return std::nullopt;
  const std::string expected = hs256(token.substr(0, last), view(key));
  const std::string_view signature = token.substr(last + 1);
  if (signature.size() != expected.size() ||
      sodium_memcmp(signature.data(), expected.data(), expected.size()) != 0) {
    return std::nullopt;
  }
  const auto text = decode(token.substr(first + 1, last - first - 1));
  if (!text) return std::nullopt;
  const auto body = parse_json(*text, {kTokenBytesMax, 4});
  if (!body) return std::nullopt;
  const auto claims = read_claims(*body);
  if (!claims) return std::nullopt;
  return *claims;
}

}  // namespace landfall::backend
