#pragma once

#include "actors/proof.hpp"

namespace landfall::actors {

// Enrolment, unlock and attest by a finger or a face: the host's prompt, the server where it has a
// say, and the machine's steps, one after the other. Beside the errors of unlock::Unlock:
// unlock.busy, unlock.needs_login, biometric.unavailable, biometric.not_set_up, biometric.lockout
// (the system's own), biometric.changed (enrol anew), biometric.refused (by the server; enrol
// anew), biometric.server (it could not be asked, and is needed). What the user did is no error but
// the reply's code: biometric.failed, biometric.cancelled.
void prove_biometric(SessionSelf self, const UnlockCommand& command,
                     const SharedUnlockAnswer& answer);

}  // namespace landfall::actors
