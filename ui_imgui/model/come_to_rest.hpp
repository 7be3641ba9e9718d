#pragma once

#include "simulator/world/virtual_world.hpp"

namespace landfall::ui {

// Puts everything in order by the switches that a person has too: no faults, server and networks
// up, sound disks, every phone on and logged in, into the first organisation where its user would
// have to choose. Then time passes until nothing moves any more, at
// most a few virtual hours. The world stays open for new faults, unlike after its own `heal`.
void come_to_rest(world::VirtualWorld& world);

}  // namespace landfall::ui
