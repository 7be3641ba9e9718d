#include <nlohmann/json.hpp>

#include "engine/profile/entity.hpp"

namespace landfall::profile {
namespace {

void raise(const Upcast& upcast, Json& payload) {
  for (const auto& [from, to] : upcast.rename) {
    const auto found = payload.find(from);
    if (found == payload.end()) continue;
    Json value = std::move(*found);
    payload.erase(from);
    if (!payload.contains(to)) payload[to] = std::move(value);
  }
  for (const std::string& name : upcast.remove) payload.erase(name);
  if (!upcast.set) return;
  for (const auto& item : upcast.set->items()) {
    if (!payload.contains(item.key())) payload[item.key()] = item.value();
  }
}

}  // namespace

std::optional<Json> upcast(const Action& action, std::int64_t schema, Json payload) {
  for (; schema < action.schema; ++schema) {
    const auto step = action.upcasts.find(schema);
    if (step == action.upcasts.end()) return std::nullopt;
    raise(step->second, payload);
  }
  if (schema != action.schema || !check_payload(action, payload)) return std::nullopt;
  return payload;
}

}  // namespace landfall::profile
