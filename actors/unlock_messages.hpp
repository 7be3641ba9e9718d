#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>

#include "engine/attest/statement.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/unlock/pin_verifier.hpp"
#include "engine/unlock/unlock.hpp"

namespace landfall::actors {

// What the user or the host wants of the lock.
enum class UnlockWord {
  status,
  pin,
  set_pin,
  change_pin,
  import_pin,
  remove_pin,
  biometric,
  enrol,
  remove_biometric,
  lock,
  attest
};

// What a proof is asked for: an attestation of these decisions.
struct AttestWish {
  std::vector<attest::Attested> operations;
  bool is_signed = false;  // false: the bare word that somebody was looked at
};

struct UnlockCommand {
  UnlockWord word = UnlockWord::status;
  std::string email;                  // of `pin`: whose it shall be; empty: not said
  SharedSecret<std::string> pin;      // of pin, set_pin, change_pin, attest
  SharedSecret<std::string> new_pin;  // of change_pin
  unlock::Sha256Pin old;              // of import_pin
  // Of attest, which looks at the PIN where there is one and else at a finger.
  std::shared_ptr<const AttestWish> wish;
};

// How it stands behind the command. `code`: why a try opened nothing (pin.wrong, biometric.failed,
// …).
struct UnlockReply {
  unlock::UnlockStatus status;
  std::string code;
  std::shared_ptr<const Json> attestation = nullptr;  // of attest, when the proof was good
};

// The user did something (activity.touch); a lock that is about to close stays open.
struct TouchActivity {};

// The slow worker has done a job of this actor.
struct SlowDone {
  std::uint64_t ticket = 0;
};

// From session to api, at every change and before a partition opens: whether the host may read the
// user's data and speak in their name.
struct LockChanged {
  bool is_locked = true;
};

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::UnlockCommand)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::TouchActivity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::SlowDone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::LockChanged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::actors::UnlockReply>)
