#include "simulator/backend/seeded_document.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"

namespace landfall::backend {

std::string draw_id(Random& random) {
  Uuid<struct SeedTag> id;
  const std::uint64_t high = random.next();
  const std::uint64_t low = random.next();
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(high >> (56U - 8U * i));
    id.bytes[8 + i] = static_cast<std::uint8_t>(low >> (56U - 8U * i));
  }
  id.bytes[6] = static_cast<std::uint8_t>(0x40U | (id.bytes[6] & 0x0fU));
  id.bytes[8] = static_cast<std::uint8_t>(0x80U | (id.bytes[8] & 0x3fU));
  return to_text(id);
}

Document make_document(std::string type, std::string id, const Json& data,
                       std::optional<std::string> owner) {
  Document document;
  document.key = {std::move(type), std::move(id)};
  document.data = dump_json(data);
  document.owner = std::move(owner);
  return document;
}

}  // namespace landfall::backend
