#include "actors/session_unlock.hpp"

#include <algorithm>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/prove_biometric.hpp"
#include "actors/prove_pin.hpp"
#include "actors/session_user.hpp"
#include "engine/host/unlock_json.hpp"

namespace landfall::actors {
namespace {

using store::Durability;
using store::Transaction;

constexpr std::int64_t kOverdueMs = 1'000;

// How far time has come is stored as far as there is room; a full disk locks nobody out.
void store_activity(SessionSelf self) {
  auto& state = self->state;
  const auto stored = state.device->write(
      "unlock.activity", Durability::durable,
      [&](Transaction& device) { return state.lock->on_activity(device, read_time(state)); });
  if (!stored && stored.error().kind != ErrorClass::storage_full) fail_step(self, stored.error());
}

// Overdue is looked at a little later: a login or logout is under way then.
void arm_idle(SessionSelf self) {
  auto& state = self->state;
  const auto left = state.lock->idle_left(read_time(state));
  if (!left) return state.idle_timer->arm(self, std::nullopt);
  state.idle_timer->arm(self, state.core->now() + std::max(*left, Duration{kOverdueMs}));
}

// --- words that need no proof

void remove_pin(SessionSelf self, const SharedUnlockAnswer& answer) {
  finish(self, answer, store_lock(self, "unlock.pin_removed", [&](Transaction& device) {
           return self->state.lock->on_pin_removed(device, read_time(self->state));
         }));
}

void remove_biometric(SessionSelf self, const SharedUnlockAnswer& answer) {
  auto& state = self->state;
  if (state.lock->is_locked()) {
    return answer->deliver(failure(ErrorClass::refused, "session.locked", "unlock the app first"));
  }
  finish(self, answer, store_lock(self, "unlock.biometric_removed", [&](Transaction& device) {
           return state.lock->on_biometric_removed(device, read_time(state));
         }));
}

// Nobody signs in front of a closed app, whatever they can prove: the lock is opened first.
void attest(SessionSelf self, const UnlockCommand& command, const SharedUnlockAnswer& answer) {
  if (self->state.lock->is_locked()) {
    return answer->deliver(failure(ErrorClass::refused, "session.locked", "unlock the app first"));
  }
  command.pin ? prove_pin(self, command, answer) : prove_biometric(self, command, answer);
}

void close_lock(SessionSelf self, const SharedUnlockAnswer& answer) {
  if (!self->state.lock->lock()) {
    return answer->deliver(failure(ErrorClass::refused, "unlock.unprotected",
                                   "neither a PIN nor biometrics would open it again"));
  }
  finish(self, answer, Status{});
}

}  // namespace

unlock::Reading read_time(const SessionState& state) {
  return {state.core->now(), state.core->environment.clock->boot_time(),
          state.core->unlocks->server_time()};
}

Status store_lock(SessionSelf self, std::string_view label,
                  const std::function<Status(Transaction&)>& step) {
  auto& state = self->state;
  Status decided;
  const Status stored =
      state.device->write(label, Durability::durable, [&](Transaction& device) -> Status {
        decided = step(device);
        return decided;
      });
  // What the machine refused is an answer and a full disk passes; what else the database did not do
  // is a failed step.
  const bool is_full = !stored && stored.error().kind == ErrorClass::storage_full;
  if (!stored && decided && !is_full) fail_step(self, stored.error());
  return stored;
}

Status open_lock_with(SessionSelf self, std::string_view label,
                      const std::function<Status(Transaction&)>& step) {
  const Status stored = store_lock(self, label, step);
  if (!stored && stored.error().kind == ErrorClass::storage_full) return {};
  return stored;
}

void finish(SessionSelf self, const SharedUnlockAnswer& answer, const Status& done,
            std::string code, std::shared_ptr<const Json> attestation) {
  if (done) {
    tell_lock(self);
    tell_status(self);
  }
  if (!done) return answer->deliver(failure(done.error()));
  answer->deliver(UnlockReply{self->state.lock->status(read_time(self->state)), std::move(code),
                              std::move(attestation)});
}

void run_slowly(SessionSelf self, std::function<void()> job, std::function<void()> then) {
  auto& state = self->state;
  const std::uint64_t ticket = ++state.last_ticket;
  state.slow_jobs.emplace(ticket, std::move(then));
  state.core->slow_worker->run([job = std::move(job), ticket, session = SessionActor(self)] {
    job();
    caf::anon_send(session, SlowDone{ticket});
  });
}

// --- from the session's other steps

bool open_lock(SessionSelf self, const auth::ActiveUser& user,
               std::shared_ptr<store::Sealer> token_key) {
  auto& state = self->state;
  state.token_key = std::move(token_key);
  const auto opened = state.device->read([&](const store::Snapshot& device) {
    return state.lock->on_open(device, *state.token_key, user, state.core->unlocks->recall(),
                               read_time(state));
  });
  if (!opened) {
    fail_step(self, opened.error());
    return false;
  }
  if (state.lock->idle_verdict(read_time(state)) == unlock::IdleVerdict::lock)
    (void)state.lock->lock();
  if (state.lock->keeps_activity()) store_activity(self);
  tell_lock(self);
  return true;
}

Status note_login(SessionSelf self, Transaction& device, const auth::ActiveUser& user,
                  std::shared_ptr<store::Sealer> token_key) {
  auto& state = self->state;
  state.token_key = std::move(token_key);
  return state.lock->on_login(device, *state.token_key, user, read_time(state));
}

void tell_lock(SessionSelf self) {
  auto& state = self->state;
  if (const auto remembered = state.lock->remembered()) state.core->unlocks->remember(*remembered);
  // One whose session is over for want of use is about to leave.
  const bool is_barred = state.lock->is_locked() ||
                         state.lock->idle_verdict(read_time(state)) != unlock::IdleVerdict::none;
  // First who may sign: a host that hands in what was signed as soon as the lock is open finds it.
  tell_attestor(self);
  self->send(state.peers.api, LockChanged{is_barred});
  tell_routing(self);
  arm_idle(self);
}

void forget_lock(SessionSelf self) {
  auto& state = self->state;
  state.lock->on_logged_out();
  state.core->unlocks->remember({});
  // The other way about than with a lock that opens: nothing more is handed in, then nobody signs.
  self->send(state.peers.api, LockChanged{true});
  tell_attestor(self);
  arm_idle(self);
}

auth::AuthStatus shown_status(SessionState& state) {
  using auth::AuthStatus;
  const AuthStatus status = state.machine->status();
  if (!auth::is_inside(status) || !state.lock->is_locked()) return status;
  return state.lock->offers_biometric(read_time(state)) ? AuthStatus::biometric_prompt
                                                        : AuthStatus::locked;
}

// --- messages

caf::result<Result<UnlockReply>> on_unlock(SessionSelf self, const UnlockCommand& command) {
  auto& state = self->state;
  auto promise = self->make_response_promise<Result<UnlockReply>>();
  auto answer = std::make_shared<Answer<UnlockReply>>(promise, write_indeterminate());
  look_at_idle(self);
  switch (command.word) {
    case UnlockWord::status:
      answer->deliver(UnlockReply{state.lock->status(read_time(state)), {}, nullptr});
      break;
    case UnlockWord::pin:
    case UnlockWord::set_pin:
    case UnlockWord::change_pin:
    case UnlockWord::import_pin:
      prove_pin(self, command, answer);
      break;
    case UnlockWord::biometric:
    case UnlockWord::enrol:
      prove_biometric(self, command, answer);
      break;
    case UnlockWord::remove_pin:
      remove_pin(self, answer);
      break;
    case UnlockWord::remove_biometric:
      remove_biometric(self, answer);
      break;
    case UnlockWord::lock:
      close_lock(self, answer);
      break;
    case UnlockWord::attest:
      attest(self, command, answer);
      break;
  }
  return promise;
}

void on_touch(SessionSelf self) {
  auto& state = self->state;
  look_at_idle(self);
  const bool is_due = state.lock->touch(read_time(state));
  if (const auto remembered = state.lock->remembered()) state.core->unlocks->remember(*remembered);
  if (is_due && state.lock->keeps_activity()) store_activity(self);
  arm_idle(self);
}

void on_idle_timer(SessionSelf self) {
  look_at_idle(self);
  arm_idle(self);
}

void on_slow_done(SessionSelf self, const SlowDone& done) {
  auto job = self->state.slow_jobs.extract(done.ticket);
  if (job) job.mapped()();
}

bool is_out_of_use(SessionSelf self) {
  auto& state = self->state;
  return state.lock->idle_verdict(read_time(state)) == unlock::IdleVerdict::logout;
}

void look_at_idle(SessionSelf self) {
  auto& state = self->state;
  switch (state.lock->idle_verdict(read_time(state))) {
    case unlock::IdleVerdict::lock:
      (void)state.lock->lock();
      tell_lock(self);
      return tell_status(self);
    case unlock::IdleVerdict::logout:
      return leave_session(self, "session.idle");
    case unlock::IdleVerdict::none:
      return;
  }
}

}  // namespace landfall::actors
