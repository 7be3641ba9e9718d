#include "actors/session_user.hpp"

#include <algorithm>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

namespace landfall::actors {
namespace {

using store::Durability;
using store::Transaction;

SessionFacts facts_of(const SessionState& state) {
  SessionFacts facts;
  const auto status = state.machine->status();
  const auto& user = state.machine->user();
  // Before the first look at the disk nobody knows.
  if (status != auth::AuthStatus::initial) facts.has_session = user && !state.lacks_tokens;
  if (!user) return facts;
  facts.user_id = user->user_id;
  facts.is_locked = state.lock->is_locked();
  if (!state.record) return facts;
  facts.roles = state.record->roles;
  facts.active_role = state.record->active_role;
  return facts;
}

bool are_same(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

// A full disk keeps it from the next start and from nothing else.
Status store(SessionSelf self, std::string_view label, const auth::UserRecord& record) {
  auto& state = self->state;
  const auto user = state.machine->user();
  const Status stored =
      state.device->write(label, Durability::durable, [&](Transaction& device) -> Status {
        return auth::store_user(device, *state.token_key, user->user_id, user->organisation,
                                record);
      });
  if (!stored && stored.error().kind != ErrorClass::storage_full) fail_step(self, stored.error());
  return stored;
}

}  // namespace

Status note_user(SessionSelf self, Transaction& device, const auth::ActiveUser& user,
                 store::Sealer& token_key, auth::UserRecord record) {
  auto& state = self->state;
  const auto before = auth::load_user(device, token_key, user.user_id, user.organisation);
  if (before && *before) record.active_role = (*before)->active_role;
  LANDFALL_TRY(auth::store_user(device, token_key, user.user_id, user.organisation, record));
  state.record = std::move(record);
  state.lacks_tokens = false;
  return {};
}

void recall_user(SessionSelf self, const auth::ActiveUser& user, const store::Sealer& token_key) {
  auto& state = self->state;
  auto found = state.device->read([&](const store::Snapshot& device) {
    return auth::load_user(device, token_key, user.user_id, user.organisation);
  });
  const bool is_unreadable = !found && found.error().kind == ErrorClass::corrupt;
  if (!found && !is_unreadable) return fail_step(self, found.error());
  state.record = found && *found ? std::move(**found) : auth::UserRecord{};
}

void take_roles(SessionSelf self, const permissions::Granted& granted) {
  auto& state = self->state;
  if (!granted.roles || !state.record || !state.machine->user() || !state.token_key) return;
  if (are_same(*granted.roles, state.record->roles)) return;
  auth::UserRecord record = *state.record;
  record.roles = *granted.roles;
  (void)store(self, "session.roles", record);
  state.record = std::move(record);
  tell_routing(self);
}

void forget_user(SessionSelf self) {
  self->state.record.reset();
  self->state.lacks_tokens = false;
}

Status store_active_role(SessionSelf self, const std::string& role) {
  auto& state = self->state;
  if (!state.machine->user() || !state.record || !state.token_key)
    return failure(ErrorClass::busy, "session.busy", "a login, a logout or a start is under way");
  auth::UserRecord record = *state.record;
  record.active_role = role;
  LANDFALL_TRY(store(self, "session.active_role", record));
  state.record = std::move(record);
  tell_routing(self);
  return {};
}

Result<SharedJson> read_user(const SessionState& state) {
  const auto& user = state.machine->user();
  if (!user || !state.record)
    return failure(ErrorClass::auth, "engine.locked", "nobody is logged in whose data is open");
  return std::make_shared<const Json>(Json{{"user_id", user->user_id},
                                           {"email", user->email},
                                           {"name", state.record->name},
                                           {"account_name", state.record->account_name},
                                           {"account_id", state.record->account_id},
                                           {"roles", state.record->roles},
                                           {"claims", state.record->claims},
                                           {"active_role", state.record->active_role}});
}

void tell_routing(SessionSelf self) {
  auto& state = self->state;
  if (!state.routing) return;
  SessionFacts facts = facts_of(state);
  if (state.facts_told == facts) return;
  state.facts_told = facts;
  self->send(state.routing, std::move(facts));
}

}  // namespace landfall::actors
