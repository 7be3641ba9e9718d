#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/ids.hpp"
#include "simulator/backend/document.hpp"
#include "simulator/scenario/scenario.hpp"

namespace landfall::world {
class Phone;
class World;
}  // namespace landfall::world

namespace landfall::scenario {

// The ids behind a scenario's names. `type#n` counts the documents that the backend had at the
// start and that the first phone's user can see (of approvals: those that wait for them), by id.
class Names final {
 public:
  explicit Names(world::World& world);

  void name_operation(const std::string& name, std::string id) {
    operations_[name] = std::move(id);
  }
  [[nodiscard]] bool has_operation(const std::string& name) const {
    return operations_.contains(name);
  }
  // The name must exist.
  [[nodiscard]] const std::string& operation(const std::string& name) const;
  // The name of an id, or the id itself when the scenario gave it none.
  [[nodiscard]] std::string operation_name(const std::string& id) const;

  void name_entity(const std::string& name, EntityKey key) { entities_[name] = std::move(key); }
  // A name that nobody has used yet becomes a new id of the phone's making.
  [[nodiscard]] EntityKey entity(const EntityName& name, world::Phone& maker);
  // Nothing when the backend has too few of them, or the name is unknown.
  [[nodiscard]] std::optional<EntityKey> find_entity(const std::string& text) const;

  // Every string that begins with `$` becomes the id of the operation or entity of that name.
  [[nodiscard]] nlohmann::json resolve(const nlohmann::json& value) const;

 private:
  std::map<std::string, std::string> operations_;
  std::map<std::string, EntityKey> entities_;
};

}  // namespace landfall::scenario
