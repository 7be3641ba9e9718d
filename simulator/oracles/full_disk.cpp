#include "simulator/oracles/full_disk.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "simulator/oracles/all.hpp"
#include "simulator/oracles/outbox.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {

void FullDisk::on_full_rest(world::VirtualWorld& world) {
  for (auto* phone : world.virtual_phones()) {
    if (!phone->disk().is_limited()) continue;
    const auto outbox = read_outbox(world, *phone);
    if (!outbox) {
      world.violate("INV-S3", phone->name() + " cannot list its outbox on a full disk, engine " +
                                  phone->engine_state());
      continue;
    }
    const auto moving = std::find_if(outbox->begin(), outbox->end(), is_moving);
    if (moving == outbox->end()) continue;
    world.violate("INV-S3", phone->name() + " never sent " + (*moving)["id"].get<std::string>() +
                                " from a full disk: " + moving->dump());
  }
}

}  // namespace landfall::oracles
