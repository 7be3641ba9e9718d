#include "simulator/oracles/newer_file.hpp"

#include <nlohmann/json.hpp>

#include "simulator/world/planted_files.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {

void NewerFile::on_files_changed(world::VirtualWorld& world, world::VirtualPhone& phone,
                                 world::FileChange change) {
  if (change == world::FileChange::newer) {
    const auto file = world::find_partition(phone.disk());
    if (file) found_[&phone] = {*file, *phone.disk().read_file(*file)};
  }
  if (change != world::FileChange::as_before || !found_.contains(&phone)) return;
  const Found& found = found_.at(&phone);
  if (phone.disk().read_file(found.file) != found.bytes) {
    world.violate("INV-S6", phone.name() + " changed or moved " + found.file +
                                " of a newer version, by " + format_rfc3339(world.now()));
  }
  found_.erase(&phone);
}

void NewerFile::on_event(world::World& world, world::Phone& phone, const std::string& event,
                         const nlohmann::json& data) {
  if (!found_.contains(&phone)) return;
  const std::string state = data.value("state", "");
  const bool is_used = event == "engine.state" && (state == "ready" || state == "failed");
  const bool is_misread = event == "store.corrupt";
  if (!is_used && !is_misread) return;
  world.violate("INV-S6", phone.name() + " said " + event + " " + data.dump() +
                              " with a partition of a newer version at " +
                              format_rfc3339(world.now()));
}

}  // namespace landfall::oracles
