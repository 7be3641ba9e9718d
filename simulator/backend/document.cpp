#include "simulator/backend/document.hpp"

#include <array>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"

namespace landfall::backend {

std::string json_string(std::string_view text) { return dump_json(Json(std::string{text})); }

bool is_visible(const Document& document, std::string_view user_id) {
  return !document.owner || *document.owner == user_id || *document.owner == kEverybody;
}

std::string to_wire(const Document& document) {
  std::string text = "{\"entity_type\":" + json_string(document.key.type) +
                     ",\"entity_id\":" + json_string(document.key.id) +
                     ",\"row_version\":" + std::to_string(document.row_version) +
                     ",\"updated_at\":\"" + format_rfc3339(document.updated_at) + "\"";
  text += document.deleted ? ",\"deleted\":true}"
                           : ",\"deleted\":false,\"data\":" + document.data + "}";
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size());
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (const unsigned char byte : digest) {
    text += kHex[byte >> 4U];
    text += kHex[byte & 0x0fU];
  }
  return text;
}

std::string document_hash(const Document& document) {
  return sha256_hex(document.deleted ? std::string_view{"null"} : std::string_view{document.data});
}

}  // namespace landfall::backend
