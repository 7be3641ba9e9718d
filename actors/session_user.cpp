#include "actors/session_user.hpp"

#include <algorithm>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "engine/auth/token_reply.hpp"

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
  const auto& record = state.machine->record();
  if (!record) return facts;
  facts.roles = record->roles;
  facts.active_role = record->active_role;
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
  if (before && *before && !(*before)->active_role.empty())
    record.active_role = (*before)->active_role;
  LANDFALL_TRY(auth::store_user(device, token_key, user.user_id, user.organisation, record));
  state.machine->on_record(std::move(record));
  return {};
}

void recall_user(SessionSelf self, const auth::ActiveUser& user, const store::Sealer& token_key) {
  auto& state = self->state;
  auto found = state.device->read([&](const store::Snapshot& device) {
    return auth::load_user(device, token_key, user.user_id, user.organisation);
  });
  const bool is_unreadable = !found && found.error().kind == ErrorClass::corrupt;
  if (!found && !is_unreadable) return fail_step(self, found.error());
  state.machine->on_record(found && *found ? std::move(**found) : auth::UserRecord{});
}

void take_roles(SessionSelf self, const permissions::Granted& granted) {
  auto& state = self->state;
  if (!granted.roles || !state.machine->record() || !state.token_key) return;
  auth::UserRecord record = *state.machine->record();
  if (are_same(*granted.roles, record.roles)) return;
  record.roles = *granted.roles;
  (void)store(self, "session.roles", record);
  state.machine->on_record(std::move(record));
  tell_routing(self);
}

void take_answer(SessionSelf self, const http::Answer& answer) {
  auto& state = self->state;
  if (!answer.response || answer.response->status / 100 != 2) return;
  if (!state.machine->record() || !state.token_key) return;
  auth::UserRecord said =
      auth::read_user(state.core->profile(), auth::kMeEndpoint, answer.response->body, {});
  auth::UserRecord record = *state.machine->record();
  if (!said.name.empty()) record.name = std::move(said.name);
  if (!said.organisations.empty()) record.organisations = std::move(said.organisations);
  if (record == *state.machine->record()) return;
  (void)store(self, "session.profile", record);
  state.machine->on_record(std::move(record));
  tell_status(self);
}

Status store_active_role(SessionSelf self, const std::string& role) {
  auto& state = self->state;
  if (!state.machine->record() || !state.token_key)
    return failure(ErrorClass::busy, "session.busy", "a login, a logout or a start is under way");
  auth::UserRecord record = *state.machine->record();
  record.active_role = role;
  LANDFALL_TRY(store(self, "session.active_role", record));
  state.machine->on_record(std::move(record));
  tell_routing(self);
  return {};
}

Result<SharedJson> read_user(const SessionState& state) {
  const auto& user = state.machine->user();
  const auto& record = state.machine->record();
  if (!user || !record)
    return failure(ErrorClass::auth, "engine.locked", "nobody is logged in whose data is open");
  return std::make_shared<const Json>(Json{{"user_id", user->user_id},
                                           {"email", user->email},
                                           {"name", record->name},
                                           {"account_name", record->account_name},
                                           {"account_id", record->account_id},
                                           {"roles", record->roles},
                                           {"claims", record->claims},
                                           {"active_role", record->active_role}});
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
