#include "simulator/scenario/names.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "simulator/world/world.hpp"

namespace landfall::scenario {

Names::Names(world::World& world) {
  const std::string user = world.phones().front()->user_id();
  std::map<std::string, int> counts;
  const auto documents = world.ask_backend([](auto& backend) { return backend.documents(); });
  for (const auto& document : documents) {
    if (!backend::is_visible(document, user)) continue;
    const int number = ++counts[document.key.type];
    entities_.emplace(document.key.type + "#" + std::to_string(number), document.key);
  }
}

const std::string& Names::operation(const std::string& name) const {
  const auto found = operations_.find(name);
  LANDFALL_ASSERT(found != operations_.end());
  return found->second;
}

std::string Names::operation_name(const std::string& id) const {
  const auto found = std::find_if(operations_.begin(), operations_.end(),
                                  [&](const auto& entry) { return entry.second == id; });
  return found == operations_.end() ? id : found->first;
}

EntityKey Names::entity(const EntityName& name, world::Phone& maker) {
  const auto found = entities_.find(name.text);
  if (found != entities_.end()) return found->second;
  EntityKey made{name.type, maker.make_id()};
  entities_.emplace(name.text, made);
  return made;
}

std::optional<EntityKey> Names::find_entity(const std::string& text) const {
  const auto found = entities_.find(text);
  if (found == entities_.end()) return std::nullopt;
  return found->second;
}

Json Names::resolve(const Json& value) const {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (!text.starts_with('$')) return value;
    const std::string name = text.substr(1);
    if (const auto found = operations_.find(name); found != operations_.end()) return found->second;
    if (const auto found = entities_.find(name); found != entities_.end()) return found->second.id;
    return value;
  }
  if (!value.is_structured()) return value;
  Json resolved = value;
  for (auto& element : resolved) element = resolve(element);
  return resolved;
}

}  // namespace landfall::scenario
