#include "actors/prove_biometric.hpp"

#include <map>
#include <optional>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "engine/unlock/biometric_key.hpp"
#include "engine/unlock/unlock_calls.hpp"

namespace landfall::actors {
namespace {

using profile::BiometricMode;
using store::Transaction;
using unlock::BiometricKey;
using SharedKey = std::shared_ptr<const BiometricKey>;

BiometricMode mode_of(const Proof& proof) { return proof.profile().unlock.biometric->mode; }

// --- the host's prompt

// What a host says that is neither a yes nor a no of the user.
std::optional<Error> failure_of(std::string_view word) {
  static const std::map<std::string_view, Error> failures = {
      {"unavailable",
       {ErrorClass::refused, "biometric.unavailable", "this phone has no biometrics to use"}},
      {"not_set_up",
       {ErrorClass::refused, "biometric.not_set_up", "no finger or face is known to this phone"}},
      {"lockout",
       {ErrorClass::refused, "biometric.lockout", "the phone takes no more tries for now"}},
      {"locked", {ErrorClass::transient, "keys.locked", "the device's secure storage is locked"}}};
  const auto found = failures.find(word);
  if (found == failures.end()) return std::nullopt;
  return found->second;
}

std::string text_of(const Json& result, std::string_view key) {
  const auto text = optional_string_at(result, key);
  return text ? text->value_or("") : "";
}

std::string key_name(const SessionState& state) {
  return "landfall.biometric." +
         to_text(auth::partition_id_for(state.machine->user()->user_id, ""));
}

void ask_prompt(const SharedProof& proof, const char* port, Json data,
                std::function<void(const std::string& word, const Json& result)> then) {
  data["name"] = key_name(proof->state());
  proof->self
      ->request(proof->state().peers.api, caf::infinite,
                AskHost{port, std::make_shared<const Json>(std::move(data))})
      .then(handler([proof, then](const Result<SharedJson>& answered) {
              if (proof->is_over()) return;
              if (!answered) return proof->end(failure(answered.error()));
              const std::string word = text_of(**answered, "status");
              if (auto error = failure_of(word)) return proof->end(failure(std::move(*error)));
              then(word, **answered);
            }),
            handler([proof](const caf::error&) {
              proof->end(failure(ErrorClass::transient, "port.withdrawn", "nobody answered"));
            }));
}

template <class Then>
void ask_server(const SharedProof& proof, http::ApiCall call, Then then) {
  proof->self->request(proof->state().peers.gateway, caf::infinite, MakeCall{std::move(call)})
      .then(handler([proof, then](const http::Answer& answer) {
              if (!proof->is_over()) then(answer);
            }),
            handler([proof, then](const caf::error&) {
              if (!proof->is_over())
                then(http::Answer{std::nullopt, http::TransportFailure::silent});
            }));
}

// --- enrolment

void store_enrolment(const SharedProof& proof, const SharedKey& key,
                     const Secret<std::string>& token) {
  auto& state = proof->state();
  auto box =
      key->seal(state.machine->user()->user_id, token, *state.core->environment.secure_random);
  proof->end(store_lock(proof->self, "unlock.enrolled", [&](Transaction& device) -> Status {
    LANDFALL_TRY(state.lock->on_enrolled(device, std::move(box), read_time(state)));
    return make_attestation_key(proof->self, device);
  }));
}

// P-12: the server makes the token; it learns the public half of what this finger unlocks.
void register_key(const SharedProof& proof, const SharedKey& key) {
  auto call = unlock::register_call(proof->profile(), proof->state().core->device_id, *key);
  if (!call) return proof->end(failure(call.error()));
  ask_server(proof, std::move(*call), [proof, key](const http::Answer& answer) {
    const auto token = unlock::read_registered(proof->profile(), answer);
    if (!token) return proof->end(failure(token.error()));
    store_enrolment(proof, key, *token);
  });
}

void on_written(const SharedProof& proof, const SharedKey& key, const std::string& word) {
  if (word == "failed" || word == "cancelled") return proof->end({}, "biometric." + word);
  if (word != "done")
    return proof->end(failure(ErrorClass::corrupt, "biometric.answer_invalid",
                              "the prompt's answer makes no sense"));
  if (mode_of(*proof) == BiometricMode::server_token) return register_key(proof, key);
  store_enrolment(proof, key, Secret<std::string>{});
}

void enrol(const SharedProof& proof) {
  auto& state = proof->state();
  const auto key = std::make_shared<const BiometricKey>(
      BiometricKey::generate(*state.core->environment.secure_random));
  const Json data{{"value", key->text().reveal()},
                  {"reason", proof->profile().message("unlock.biometric_enrol")}};
  ask_prompt(proof, "biometric.write", data,
             [proof, key](const std::string& word, const Json&) { on_written(proof, key, word); });
}

// --- unlock

void remove_enrolment(const SharedProof& proof, Error error) {
  const Status removed =
      store_lock(proof->self, "unlock.biometric_removed", [&](Transaction& device) {
        return proof->state().lock->on_biometric_removed(device, read_time(proof->state()));
      });
  tell_status(proof->self);
  proof->end(removed ? Status{failure(std::move(error))} : removed);
}

void open_here(const SharedProof& proof) {
  proof->end(open_lock_with(proof->self, "unlock.biometric_right", [&](Transaction& device) {
    return proof->state().lock->on_biometric_right(device, read_time(proof->state()));
  }));
}

// The server's own word: a new pair, as behind a login (P-13).
void on_server_login(const SharedProof& proof, const http::Answer& answer, bool may_open_here) {
  auto pair = unlock::read_login(proof->profile(), answer);
  if (pair) {
    return store_renewed(proof->self, std::make_shared<const auth::TokenPair>(std::move(*pair)),
                         [proof](const Status& stored) { proof->end(stored); });
  }
  if (pair.error().kind == ErrorClass::auth) return remove_enrolment(proof, pair.error());
  if (may_open_here) return open_here(proof);
  proof->end(failure(pair.error()));
}

void login_with(const SharedProof& proof, const SharedKey& key, const Secret<std::string>& token,
                bool may_open_here) {
  auto& state = proof->state();
  auto call =
      unlock::login_call(proof->profile(), state.core->device_id, *key, token, state.core->now());
  if (!call) return proof->end(failure(call.error()));
  ask_server(proof, std::move(*call), [proof, may_open_here](const http::Answer& answer) {
    on_server_login(proof, answer, may_open_here);
  });
}

// The one refresh token is asked whether it is still good: the call goes through auth_token, which
// renews what has expired (INV-A5).
void confirm(const SharedProof& proof) {
  ask_server(proof, unlock::confirm_call(), [proof](const http::Answer& answer) {
    const auto confirmed = unlock::read_confirmed(proof->profile(), answer);
    if (!confirmed) return proof->end(failure(confirmed.error()));
    open_here(proof);
  });
}

// With a session that is still good the phone's own look is enough, also without a network (P-58);
// without one the server has to give a new one.
void on_opened(const SharedProof& proof, const SharedKey& key, const Secret<std::string>& token) {
  auto& state = proof->state();
  const bool has_session = state.machine->status() == auth::AuthStatus::authenticated;
  const bool may_open_here = has_session && !state.lock->needs_server(read_time(state));
  if (mode_of(*proof) == BiometricMode::server_token && !may_open_here)
    return login_with(proof, key, token, may_open_here);
  if (may_open_here) return open_here(proof);
  if (has_session) return confirm(proof);
  proof->end(
      failure(ErrorClass::auth, "unlock.needs_login", "the session has ended; log in again"));
}

void on_failed(const SharedProof& proof) {
  proof->end(store_lock(proof->self, "unlock.biometric_failed",
                        [&](Transaction& device) {
                          return proof->state().lock->on_biometric_failed(
                              device, read_time(proof->state()));
                        }),
             "biometric.failed");
}

void on_read(const SharedProof& proof, const std::string& word, const Json& result) {
  if (word == "cancelled") return proof->end({}, "biometric.cancelled");
  if (word == "failed") return on_failed(proof);
  auto& state = proof->state();
  if (!state.lock->has_user() || !state.lock->may_use_biometric(read_time(state)))
    return proof->end(failure(ErrorClass::busy, "session.busy", "the session changed meanwhile"));
  const Error changed{ErrorClass::refused, "biometric.changed",
                      "the fingers or faces of this phone changed; enrol them anew"};
  if (word == "changed" || word == "absent") return remove_enrolment(proof, changed);
  auto key = BiometricKey::from_text(text_of(result, "value"));
  if (word != "value" || !key)
    return proof->end(failure(ErrorClass::corrupt, "biometric.answer_invalid",
                              "the prompt's answer makes no sense"));
  const auto token = key->open(state.machine->user()->user_id, state.lock->enrolment().box);
  if (!token) return remove_enrolment(proof, changed);
  on_opened(proof, std::make_shared<const BiometricKey>(std::move(*key)), *token);
}

// What the prompt says it is for; an app without words for a decision has those of its lock.
std::string_view reason_of(const Proof& proof) {
  constexpr std::string_view kDecision = "attest.biometric";
  const bool has_own = proof.wish && proof.profile().messages.contains(kDecision);
  return proof.profile().message(has_own ? kDecision : "unlock.biometric");
}

void use(const SharedProof& proof) {
  const Json data{{"reason", reason_of(*proof)}};
  ask_prompt(proof, "biometric.read", data, [proof](const std::string& word, const Json& result) {
    on_read(proof, word, result);
  });
}

Status may_begin(SessionState& state, UnlockWord word) {
  if (state.is_proving)
    return failure(ErrorClass::busy, "unlock.busy", "another proof is being looked at");
  const bool is_look = word == UnlockWord::biometric || word == UnlockWord::attest;
  if (is_look) return state.lock->may_use_biometric(read_time(state));
  LANDFALL_TRY(state.lock->may_enrol());
  if (state.machine->status() == auth::AuthStatus::authenticated) return {};
  return failure(ErrorClass::auth, "unlock.needs_login", "log in first");
}

}  // namespace

void prove_biometric(SessionSelf self, const UnlockCommand& command,
                     const SharedUnlockAnswer& answer) {
  if (const auto may = may_begin(self->state, command.word); !may)
    return answer->deliver(failure(may.error()));
  const auto proof = std::make_shared<Proof>(self, answer);
  if (command.word == UnlockWord::enrol) return enrol(proof);
  proof->wish = command.wish;
  proof->method = attest::Method::biometric;
  // The app stays as it is while its user is looked at for a decision.
  if (proof->wish) return use(proof);
  self->state.is_biometric_busy = true;
  tell_status(self);
  use(proof);
}

}  // namespace landfall::actors
