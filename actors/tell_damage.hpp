#pragma once

#include <vector>

#include "actors/supervisor.hpp"

namespace landfall::actors {

// The host hears of each database that was damaged (`store.corrupt`, INV-S4), at each opening until
// it has polled behind one. Then the supervisor gets DamageTold. The supervisor's thread.
void tell_damage(SupervisorSelf self, const std::vector<store::DamageReport>& reports);

// Takes the report out of the file that it stands in, where that is open. One that is closed by
// now, or has no room, tells it again when it is opened.
void on_damage_told(SupervisorState& state, const DamageTold& told);

}  // namespace landfall::actors
