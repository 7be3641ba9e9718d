#include "actors/prove_pin.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "engine/base/base64.hpp"
#include "engine/unlock/unlock_calls.hpp"

namespace landfall::actors {
namespace {

using store::Transaction;
using unlock::HardwareKey;
using unlock::PinVerifier;
using SharedHardware = std::shared_ptr<const HardwareKey>;
using SharedPin = SharedSecret<std::string>;

Result<SharedHardware> hardware_from(const Json& result) {
  const auto status = optional_string_at(result, "status");
  const std::string word = status ? status->value_or("") : "";
  if (word == "locked")
    return failure(ErrorClass::transient, "hardware.locked", "the device's key store is locked");
  if (word == "absent")
    return failure(ErrorClass::corrupt, "hardware.lost",
                   "the device has lost the key behind this PIN; log in with a password");
  const auto text = optional_string_at(result, "value");
  const auto bytes = word == "value" && text ? from_base64(text->value_or("")) : std::nullopt;
  if (!bytes || bytes->size() != store::kSecretKeyBytes)
    return failure(ErrorClass::corrupt, "hardware.invalid", "the key store answered no key");
  std::array<std::byte, store::kSecretKeyBytes> key{};
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return std::make_shared<const HardwareKey>(key);
}

// What the device's hardware makes of a salt. It says nothing about a PIN, so that it is asked
// before anything is counted: a key store that is locked costs no try.
void ask_hardware(const SharedProof& proof, const unlock::Salt& salt, bool makes,
                  std::function<void(SharedHardware)> then) {
  const Json data{{"name", "landfall.pin"}, {"data", to_base64(salt)}, {"make", makes}};
  SessionSelf self = proof->self;
  self->request(self->state.peers.api, caf::infinite,
                AskHost{"hardware.hmac", std::make_shared<const Json>(data)})
      .then(handler([proof, then](const Result<SharedJson>& answered) {
              if (proof->is_over()) return;
              if (!answered) return proof->end(failure(answered.error()));
              auto hardware = hardware_from(**answered);
              if (!hardware) return proof->end(failure(hardware.error()));
              then(std::move(*hardware));
            }),
            handler([proof](const caf::error&) {
              proof->end(failure(ErrorClass::transient, "hardware.locked", "nobody answered"));
            }));
}

// --- the server, where it knows the PIN as well (P-14, P-23)

unlock::PinOwner owner_of(const SessionState& state) {
  return {state.machine->user() ? state.machine->user()->email : std::string{},
          state.core->device_id, state.core->config.platform};
}

// It is told without being waited for: the PIN is good on this phone whether it hears or not.
void tell_server(SessionSelf self, const SharedPin& pin) {
  auto call = unlock::pin_register_call(self->state.core->profile(), owner_of(self->state), *pin);
  if (!call) return;
  self->request(self->state.peers.gateway, caf::infinite, MakeCall{std::move(*call)})
      .then(handler([](const http::Answer&) {}), handler([](const caf::error&) {}));
}

// A right PIN opened the app; where the session behind it has ended, the server may give a new one
// for it. If it does not, the app is open all the same and asks for a login.
void renew_session(const SharedProof& proof, const SharedPin& pin) {
  SessionSelf self = proof->self;
  auto& state = self->state;
  const bool has_ended = state.machine->status() == auth::AuthStatus::reauth_required;
  auto call = has_ended ? unlock::pin_login_call(state.core->profile(), owner_of(state), *pin)
                        : std::nullopt;
  if (!call) return proof->end({});
  self->request(state.peers.gateway, caf::infinite, MakeCall{std::move(*call)})
      .then(handler([proof, self](const http::Answer& answer) {
              if (proof->is_over()) return;
              auto pair = unlock::read_pin_login(self->state.core->profile(), answer);
              if (!pair) return proof->end({}, pair.error().code);
              store_renewed(self, std::make_shared<const auth::TokenPair>(std::move(*pair)),
                            [proof](const Status& stored) { proof->end(stored); });
            }),
            handler([proof](const caf::error&) { proof->end({}, "pin.server"); }));
}

// --- setting one

using Make = std::function<Result<PinVerifier>(const unlock::Salt&, const HardwareKey&)>;

void store_pin(const SharedProof& proof, const Result<PinVerifier>& made, const SharedPin& pin) {
  if (proof->is_over()) return;
  if (!made) return proof->end(failure(made.error()));
  SessionSelf self = proof->self;
  const Status stored = store_lock(self, "unlock.pin_set", [&](Transaction& device) -> Status {
    LANDFALL_TRY(self->state.lock->on_pin_set(device, *made, read_time(self->state)));
    return make_attestation_key(self, device);
  });
  if (stored && pin) tell_server(self, pin);
  proof->end(stored);
}

// `pin`: what was typed; null for one that nobody here knows.
void make_pin(const SharedProof& proof, Make make, const SharedPin& pin) {
  auto& environment = proof->self->state.core->environment;
  const unlock::Salt salt = unlock::draw_salt(*environment.secure_random);
  ask_hardware(
      proof, salt, true, [proof, salt, pin, make = std::move(make)](SharedHardware hardware) {
        const auto made = std::make_shared<std::optional<Result<PinVerifier>>>();
        run_slowly(
            proof->self, [make, salt, hardware, made] { made->emplace(make(salt, *hardware)); },
            [proof, made, pin] { store_pin(proof, **made, pin); });
      });
}

Make made_of(SessionSelf self, SharedPin pin) {
  return [pin = std::move(pin), cost = self->state.lock->kdf(),
          random = self->state.core->environment.secure_random](const unlock::Salt& salt,
                                                                const HardwareKey& hardware) {
    return unlock::make_verifier(*pin, salt, cost, hardware, *random);
  };
}

Make made_of_old(SessionSelf self, unlock::Sha256Pin old) {
  return [old = std::move(old), cost = self->state.lock->kdf(),
          random = self->state.core->environment.secure_random](const unlock::Salt& salt,
                                                                const HardwareKey& hardware) {
    return unlock::wrap_sha256(old, salt, cost, hardware, *random);
  };
}

// --- a guess

struct Checked {
  Result<bool> is_right = false;
  std::optional<PinVerifier> anew;
};

// A right guess at a verifier of yesterday makes today's, with the same salt: the PIN is known for
// this moment only.
Checked check(const PinVerifier& verifier, const Secret<std::string>& pin,
              const HardwareKey& hardware, profile::KdfCost cost, SecureRandom& random) {
  Checked checked{unlock::opens(verifier, pin, hardware), {}};
  if (!checked.is_right || !*checked.is_right || !unlock::is_outdated(verifier, cost))
    return checked;
  auto anew = unlock::make_verifier(pin, verifier.salt, cost, hardware, random);
  if (anew) checked.anew = std::move(*anew);
  return checked;
}

void on_checked(const SharedProof& proof, const Checked& checked, const SharedPin& pin,
                const SharedPin& new_pin) {
  if (proof->is_over()) return;
  if (!checked.is_right) return proof->end(failure(checked.is_right.error()));
  SessionSelf self = proof->self;
  auto& state = self->state;
  if (!*checked.is_right) {
    state.lock->on_wrong();
    return proof->end({}, "pin.wrong");
  }
  const Status stored = open_lock_with(self, "unlock.pin_right", [&](Transaction& device) {
    return state.lock->on_right(device, checked.anew, read_time(state));
  });
  if (!stored) return proof->end(stored);
  if (new_pin) return make_pin(proof, made_of(self, new_pin), new_pin);
  if (proof->wish) return proof->end({});
  renew_session(proof, pin);
}

// Counted and on the disk, then checked (INV-A8).
void check_guess(const SharedProof& proof, const SharedPin& pin, const SharedPin& new_pin,
                 const SharedHardware& hardware) {
  SessionSelf self = proof->self;
  auto& state = self->state;
  const Status counted = store_lock(self, "unlock.guess", [&](Transaction& device) {
    return state.lock->on_guess(device, read_time(state));
  });
  if (!counted) return proof->end(counted);
  const auto checked = std::make_shared<Checked>();
  run_slowly(
      self,
      [checked, pin, hardware, verifier = state.lock->verifier(), cost = state.lock->kdf(),
       random = state.core->environment.secure_random] {
        *checked = check(verifier, *pin, *hardware, cost, *random);
      },
      [proof, checked, pin, new_pin] { on_checked(proof, *checked, pin, new_pin); });
}

void guess(const SharedProof& proof, const UnlockCommand& command) {
  auto& lock = *proof->self->state.lock;
  ask_hardware(proof, lock.verifier().salt, false,
               [proof, pin = command.pin, new_pin = command.new_pin](SharedHardware hardware) {
                 check_guess(proof, pin, new_pin, hardware);
               });
}

Status may_begin(SessionState& state, const UnlockCommand& command) {
  auto& lock = *state.lock;
  const unlock::Reading now = read_time(state);
  if (state.is_proving)
    return failure(ErrorClass::busy, "unlock.busy", "another proof is being looked at");
  // A PIN is set by somebody whom the server knows.
  const bool sets = command.word == UnlockWord::set_pin || command.word == UnlockWord::import_pin;
  if (sets && lock.has_user() && state.machine->status() != auth::AuthStatus::authenticated)
    return failure(ErrorClass::auth, "unlock.needs_login", "log in first");
  switch (command.word) {
    case UnlockWord::set_pin:
      return lock.may_set_pin(*command.pin, "params.pin", false, now);
    case UnlockWord::import_pin:
      return lock.may_import_pin(now);
    case UnlockWord::change_pin:
      LANDFALL_TRY(lock.may_set_pin(*command.new_pin, "params.new_pin", true, now));
      return lock.may_guess({}, *command.pin, now);
    default:
      return lock.may_guess(command.email, *command.pin, now);
  }
}

}  // namespace

void prove_pin(SessionSelf self, const UnlockCommand& command, const SharedUnlockAnswer& answer) {
  if (const auto may = may_begin(self->state, command); !may)
    return answer->deliver(failure(may.error()));
  const auto proof = std::make_shared<Proof>(self, answer);
  proof->wish = command.wish;
  if (command.word == UnlockWord::set_pin)
    return make_pin(proof, made_of(self, command.pin), command.pin);
  if (command.word == UnlockWord::import_pin)
    return make_pin(proof, made_of_old(self, command.old), nullptr);
  guess(proof, command);
}

}  // namespace landfall::actors
