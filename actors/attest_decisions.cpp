#include <memory>
#include <optional>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/devices_messages.hpp"
#include "actors/proof.hpp"
#include "engine/attest/attestation.hpp"
#include "engine/base/base64.hpp"

// The part of the session actor that signs what its user decides (C-25).

namespace landfall::actors {
namespace {

using SharedObject = std::shared_ptr<const Json>;

// The server's time as well as it is known here; the phone's own where no server spoke.
Instant server_time_of(const SessionState& state) {
  return state.core->now() - state.core->unlocks->clock_ahead().value_or(Duration{0});
}

attest::Statement statement_of(SessionState& state, const AttestWish& wish, attest::Method method) {
  attest::Statement statement;
  statement.method = method;
  statement.device_id = state.core->device_id;
  statement.user_id = state.machine->user()->user_id;
  statement.at = server_time_of(state);
  statement.elapsed_ms = state.lock->elapsed_ms(read_time(state));
  statement.nonce = attest::draw_nonce(*state.core->environment.secure_random);
  statement.operations = wish.operations;
  return statement;
}

std::optional<attest::Attestor> attestor_of(SessionState& state) {
  const auto* key = state.lock->attestation_key();
  const auto& user = state.machine->user();
  if (key == nullptr || !user) return std::nullopt;
  return attest::Attestor{state.core->device_id, user->user_id, attest::public_half(*key),
                          state.lock->elapsed_ms(read_time(state))};
}

}  // namespace

Status make_attestation_key(SessionSelf self, store::Transaction& device) {
  auto& state = self->state;
  if (!state.lock->lacks_attestation_key()) return {};
  return state.lock->on_attestation_key(
      device, store::SecretKey::generate(*state.core->environment.secure_random), read_time(state));
}

Result<SharedObject> attest_decisions(SessionSelf self, const AttestWish& wish,
                                      attest::Method method) {
  auto& state = self->state;
  const auto& rules = state.core->profile().attestation;
  const profile::AttestationFields fields = rules ? rules->fields : profile::AttestationFields{};
  if (!wish.is_signed) return std::make_shared<const Json>(attest::flag_json(fields));
  if (state.lock->lacks_attestation_key()) {
    LANDFALL_TRY(store_lock(self, "unlock.attestation_key", [&](store::Transaction& device) {
      return make_attestation_key(self, device);
    }));
  }
  const auto* key = state.lock->attestation_key();
  if (key == nullptr || !state.machine->user()) {
    // Whoever was looked at took the PIN away meanwhile.
    return failure(ErrorClass::refused, "pin.not_configured",
                   "nothing guards a signature any more");
  }
  const auto made = attest::make(statement_of(state, wish, method), *key);
  return std::make_shared<const Json>(attest::to_json(made, fields));
}

void tell_attestor(SessionSelf self) {
  auto& state = self->state;
  if (!state.core->profile().attestation) return;
  auto attestor = attestor_of(state);
  std::optional<attest::PublicKey> key;
  if (attestor) key = attestor->key;
  state.core->unlocks->set_attestor(std::move(attestor), state.core->now());
  const bool is_news = std::exchange(state.attestation_key_told, key) != key;
  const auto& user = state.machine->user();
  if (!is_news || !user) return;
  AttestationKeyChanged changed{user->user_id, std::nullopt};
  if (key) changed.key = to_base64(*key);
  self->send(state.peers.devices, std::move(changed));
}

}  // namespace landfall::actors
