#pragma once

#include "actors/proof.hpp"

// How the session actor sets a PIN, and looks at a guess: the host's hardware, the slow worker and
// the machine's steps, one after the other.

namespace landfall::actors {

// One of pin, set_pin, change_pin, import_pin, and attest with a PIN. Beside the errors of
// unlock::Unlock: unlock.busy while another proof is looked at, hardware.locked (transient),
// hardware.lost, hardware.invalid, pin.no_memory.
void prove_pin(SessionSelf self, const UnlockCommand& command, const SharedUnlockAnswer& answer);

}  // namespace landfall::actors
