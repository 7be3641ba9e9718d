#include <memory>
#include <utility>

#include <caf/send.hpp>

#include "actors/session_steps.hpp"
#include "actors/session_user.hpp"
#include "engine/store/session_table.hpp"

namespace landfall::actors {
namespace {

using store::Durability;
using store::Transaction;

void end_switch(SessionSelf self, const SharedSessionAnswer& answer, const Status& done) {
  self->state.is_switching = false;
  tell_status(self);
  if (!done) return answer->deliver(failure(done.error()));
  answer->deliver(snapshot_of(self->state));
}

// The one partition is closed: from here on a restart finds the other.
void enter(SessionSelf self, const auth::ActiveUser& user, const Keys& keys,
           const SharedSessionAnswer& answer) {
  auto& state = self->state;
  const auto stored = state.device->write(
      "session.switched", Durability::durable, [&](Transaction& device) -> Status {
        LANDFALL_TRY(state.machine->on_switched(device, user, state.core->now()));
        return note_user(self, device, user, *keys.token, state.machine->shown_record());
      });
  if (!stored) {
    answer->deliver(failure(stored.error()));
    return fail_step(self, stored.error());
  }
  state.core->sessions->set_organisation(user.organisation);
  open_partition(self, user, keys, nullptr, [self, answer](const Status& opened) {
    if (!opened) stay_locked(self, opened.error());
    end_switch(self, answer, opened);
  });
}

// Partitions are switched, never wiped (C-22): what waits in the one that is left stays there,
// sealed, and leaves when its user is back in it or has nothing to send elsewhere (outbox_visits).
void leave_for(SessionSelf self, const auth::ActiveUser& user, const Keys& keys,
               const SharedSessionAnswer& answer) {
  const auto rule = self->state.core->profile().auth.session.on_switch;
  ask_status(self, self->state.peers.supervisor,
             ClosePartition{rule == profile::SwitchCache::clear ? ClosedCache::cleared
                                                                : ClosedCache::stays},
             [self, user, keys, answer](const Status& closed) {
               if (!closed) return end_switch(self, answer, closed);
               enter(self, user, keys, answer);
             });
}

Status may_switch_now(SessionState& state) {
  const bool is_busy =
      state.logging_out || state.logins_held || state.is_switching || state.is_opening;
  const bool is_barred = state.machine->user() && state.lock->is_locked();
  return auth::may_begin_switch(shown_status(state), is_busy, is_barred);
}

// The keys first: a switch that fails for want of them leaves its user where they were.
void begin_switch(SessionSelf self, const auth::ActiveUser& user,
                  const SharedSessionAnswer& answer) {
  auto& state = self->state;
  const auto known = state.device->read([&](const store::Snapshot& device) {
    return store::has_session(device, user.user_id, user.organisation);
  });
  if (!known) return answer->deliver(failure(known.error()));
  state.is_switching = true;
  ++state.turn;
  tell_status(self);
  fetch_keys(self, user, KeyRules{false, !*known}, [self, user, answer](Result<Keys> keys) {
    if (!keys) return end_switch(self, answer, failure(keys.error()));
    leave_for(self, user, *keys, answer);
  });
}

}  // namespace

caf::result<Result<SessionSnapshot>> choose_organisation(SessionSelf self,
                                                         const ChooseOrganisation& message) {
  auto& state = self->state;
  auto promise = self->make_response_promise<Result<SessionSnapshot>>();
  const auto answer = std::make_shared<Answer<SessionSnapshot>>(promise, login_dropped());
  if (message.is_switch) {
    const auto user = state.machine->may_switch(message.organisation);
    const Status may = user ? may_switch_now(state) : Status{failure(user.error())};
    may ? begin_switch(self, *user, answer) : answer->deliver(failure(may.error()));
    return promise;
  }
  if (state.logging_out || state.logins_held) {
    answer->deliver(failure(session_busy()));
    return promise;
  }
  auto logged_in = state.machine->on_chosen(message.organisation, state.core->now());
  if (!logged_in) {
    answer->deliver(failure(logged_in.error()));
    return promise;
  }
  tell_status(self);
  open_login(self, std::move(*logged_in), answer);
  return promise;
}

void abandon_choice(SessionSelf self) {
  auto& state = self->state;
  auto tokens = state.machine->on_choice_abandoned();
  if (!tokens) return;
  state.last_login.reset();
  auth::SessionTokens copied{share(std::move(tokens->access)), share(std::move(tokens->refresh)),
                             false};
  self->send(state.peers.gateway,
             SayFarewell{std::make_shared<auth::Farewell>(auth::Farewell::Parts{
                 state.core->profile(), state.core->device_id, std::move(copied), {}})});
  tell_status(self);
}

}  // namespace landfall::actors
