#include "actors/eraser.hpp"

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "engine/auth/remembered_login.hpp"
#include "engine/base/base64.hpp"
#include "engine/base/mutant.hpp"
#include "engine/store/secret_key.hpp"
#include "engine/store/session_table.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = EraserSelf;
using store::Durability;

void refuse(Self self, const Error& error) {
  auto answer = std::exchange(self->state.answer, std::nullopt);
  if (answer) answer->deliver(failure(error));
}

// What has begun is not given up: the caller hears how it stands, and it goes on later.
void try_later(Self self, const Error& error) {
  auto& state = self->state;
  refuse(self, error);
  state.timer->arm(self, state.core->now() + Duration{limits::kKeysRetryMs});
}

// --- files, once no key opens them

void remove_files(const Core& core, const store::EraseIntent& intent, Status& removed) {
  auto& files = core.files();
  const std::string& directory = core.config.directory;
  const std::string id = to_text(intent.partition);
  const auto remove_those = [&](const std::string& folder) {
    for (const auto& name : files.list(folder)) {
      if (removed && name.starts_with(id)) removed = files.remove(folder + "/" + name);
    }
  };
  remove_those(directory + "/partitions");
  remove_those(directory + "/quarantine");
  remove_those(directory + "/attachments");
}

// Deletes the row, empties the log that still shows it, and clears the intent: the sync of that
// last commit puts the shorter log on the medium.
Status forget_in_device(EraserState& state) {
  const auto forget = [&](store::Transaction& device) {
    return store::forget_session(device, *state.intent);
  };
  const auto clear = [](store::Transaction& device) { return store::clear_erase_intent(device); };
  LANDFALL_TRY(state.device->write("session.erased", Durability::durable, forget));
  if (!mutant::is(mutant::Mutant::keep_erased_log))
    LANDFALL_TRY(state.device->checkpoint(store::CheckpointMode::truncate));
  return state.device->write("session.erase_done", Durability::durable, clear);
}

void finish(Self self) {
  auto& state = self->state;
  Status done;
  remove_files(*state.core, *state.intent, done);
  if (done) done = forget_in_device(state);
  if (!done) return try_later(self, done.error());
  state.intent.reset();
  self->send(state.peers.session, HoldLogins{false});
  auto answer = std::exchange(state.answer, std::nullopt);
  if (answer) answer->deliver(state.erased);
}

// --- keys

void remove_next_key(Self self);

void on_key_removed(Self self) {
  self->state.keys_left.pop_back();
  remove_next_key(self);
}

// A host whose storage knows no removal writes another key over it, which serves as well.
void overwrite_key(Self self) {
  auto& state = self->state;
  std::vector<std::byte> noise(store::kSecretKeyBytes);
  state.core->environment.secure_random->fill(noise);
  self->request(state.peers.api, caf::infinite,
                AskHost{"secret.write",
                        std::make_shared<const Json>(
                            Json{{"name", state.keys_left.back()}, {"value", to_base64(noise)}})})
      .then(handler([self](const Result<SharedJson>& written) {
              if (!written) return try_later(self, written.error());
              on_key_removed(self);
            }),
            handler([self](const caf::error&) { try_later(self, write_indeterminate()); }));
}

void remove_next_key(Self self) {
  auto& state = self->state;
  if (state.keys_left.empty()) return finish(self);
  self->request(state.peers.api, caf::infinite,
                AskHost{"secret.remove",
                        std::make_shared<const Json>(Json{{"name", state.keys_left.back()}})})
      .then(handler([self](const Result<SharedJson>& removed) {
              if (!removed) return overwrite_key(self);
              on_key_removed(self);
            }),
            handler([self](const caf::error&) { try_later(self, write_indeterminate()); }));
}

void carry_on(Self self) {
  auto& state = self->state;
  const std::string partition = to_text(state.intent->partition);
  state.keys_left.clear();
  if (state.intent->owner)
    state.keys_left.push_back("landfall.token." + to_text(*state.intent->owner));
  const auto rule = state.core->profile().auth.session.remember;
  if (rule == profile::Remember::credentials) state.keys_left.emplace_back(auth::kCredentialsName);
  state.keys_left.push_back("landfall.documents." + partition);
  state.keys_left.push_back("landfall.outbox." + partition);
  remove_next_key(self);
}

// --- the request

// From here on there is no way back.
void begin(Self self, const auth::ActiveUser& user) {
  auto& state = self->state;
  const auto begun = state.device->write(
      "session.erase", Durability::durable,
      [&](store::Transaction& device) -> Result<store::EraseIntent> {
        store::EraseIntent intent{user.partition, auth::partition_id_for(user.user_id, "")};
        LANDFALL_TRY_ASSIGN(const bool has_others,
                            store::has_other_sessions(device, user.user_id, user.partition));
        if (has_others) intent.owner.reset();
        LANDFALL_TRY(store::write_erase_intent(device, intent));
        return intent;
      });
  if (!begun) {
    self->send(state.peers.session, HoldLogins{false});
    return refuse(self, begun.error());
  }
  state.intent = *begun;
  carry_on(self);
}

template <class Then>
void check_pending(Self self, const auth::ActiveUser& user, std::int64_t discard_pending,
                   Then then) {
  const auto stop = [self](const Error& error) {
    self->send(self->state.peers.session, HoldLogins{false});
    refuse(self, error);
  };
  self->request(self->state.peers.supervisor, caf::infinite, CountPending{user.partition})
      .then(handler([self, discard_pending, then, stop](const Result<std::int64_t>& pending) {
              if (!pending) return stop(pending.error());
              if (auto agreed = store::check_erase(*pending, discard_pending); !agreed)
                return stop(agreed.error());
              self->state.erased.operations = *pending;
              then();
            }),
            handler([stop](const caf::error&) { stop(read_interrupted()); }));
}

// The user goes first, then it is counted once more: nothing comes in any longer.
void log_out(Self self, const auth::ActiveUser& user, std::int64_t discard_pending) {
  auto& state = self->state;
  self->send(state.peers.session, HoldLogins{true});
  self->request(state.peers.session, caf::infinite, Logout{})
      .then(handler([self, user, discard_pending](const Result<SessionSnapshot>& out) {
              if (!out) {
                self->send(self->state.peers.session, HoldLogins{false});
                return refuse(self, out.error());
              }
              check_pending(self, user, discard_pending, [self, user] { begin(self, user); });
            }),
            handler([self](const caf::error&) { refuse(self, write_indeterminate()); }));
}

caf::result<Result<Erased>> erase(Self self, const ErasePartition& message) {
  auto& state = self->state;
  if (state.answer || state.intent) {
    return Result<Erased>{failure(ErrorClass::busy, "session.busy", "an erase is under way")};
  }
  auto promise = self->make_response_promise<Result<Erased>>();
  state.answer.emplace(promise, write_indeterminate());
  self->request(state.peers.session, caf::infinite, ReadActiveUser{})
      .then(handler([self, discard_pending = message.discard_pending](
                        const std::optional<auth::ActiveUser>& user) {
              if (!user) {
                return refuse(self, {ErrorClass::refused, "partition.none",
                                     "nobody is logged in whose data could be erased"});
              }
              check_pending(self, *user, discard_pending, [self, who = *user, discard_pending] {
                log_out(self, who, discard_pending);
              });
            }),
            handler([self](const caf::error&) { refuse(self, write_indeterminate()); }));
  return promise;
}

// An erase that an earlier process did not finish.
void find_unfinished(Self self) {
  auto& state = self->state;
  auto found = state.device->read(
      [](const store::Snapshot& device) { return store::read_erase_intent(device); });
  if (!found) return fail_step(self, found.error());
  if (!*found) return;
  state.intent = **found;
  carry_on(self);
}

}  // namespace

EraserActor::behavior_type eraser(Self self, SharedCore core,
                                  std::shared_ptr<store::Database> device, EraserPeers peers) {
  auto& state = self->state;
  state.timer.emplace(*core->environment.clock);
  state.core = std::move(core);
  state.device = std::move(device);
  state.peers = std::move(peers);
  find_unfinished(self);
  return {
      [self](const ErasePartition& message) { return erase(self, message); },
      [self](const TimerFired& fired) {
        if (self->state.timer->fires(self, fired) && self->state.intent) carry_on(self);
      },
  };
}

}  // namespace landfall::actors
