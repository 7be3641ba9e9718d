#include "actors/attachments.hpp"

#include <span>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "engine/host/attachment_json.hpp"
#include "engine/store/attachment_table.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = AttachmentsSelf;
using attachments::Transfer;
using attachments::TransferEffects;
using attachments::TransferView;
using store::Durability;
using store::Transaction;

void apply(Self self, TransferEffects effects);
void open(Self self);

// Photographs are sealed under the key that opens in the background, documents under the other.
store::Sealer& key_of(const AttachmentsState& state, const Transfer& transfer) {
  return transfer.direction == attachments::Direction::up ? *state.store.outbox_key
                                                          : *state.store.documents_key;
}

// A step that found no room is tried again when there may be some. The machine keeps nothing of it
// but the call, which is asked for anew.
void stall(Self self) {
  auto& state = self->state;
  state.machine->forget_call();
  state.timer->arm(self, state.core->now() + Duration{limits::kStorageRetryMs});
}

void on_failed_step(Self self, const Error& error) {
  if (error.kind == ErrorClass::storage_full) return stall(self);
  if (!store::is_refusal(error)) fail_step(self, error);
}

// A step that may leave an upload that waits. That is said before its commit: an operation that
// moves behind it is told of, and one that moved before it is seen by the plan, for which the
// machine holds that operations moved.
template <class Step>
auto write(Self self, std::string_view label, Durability durability, Step step) {
  *self->state.peers.following = true;
  return self->state.store.database->write(label, durability, std::move(step));
}

template <class Step>
Status run(Self self, std::string_view label, Durability durability, Step step) {
  auto effects = write(self, label, durability, std::move(step));
  if (!effects) {
    on_failed_step(self, effects.error());
    return failure(effects.error());
  }
  apply(self, std::move(*effects));
  shorten_log(self, self->state.store);
  return {};
}

void ask_plan(Self self) {
  auto& state = self->state;
  if (std::exchange(state.plan_asked, true)) return;
  self->send(self, PlanTransfers{});
}

// --- what the host is told

void tell_change(Self self, const Transfer& transfer) {
  auto& state = self->state;
  if (!state.pace.on_change(transfer, state.core->now())) return;
  self->send(state.peers.api, EmitEvent{"attachment/" + to_text(transfer.id), "attachment.changed",
                                        std::make_shared<const Json>(
                                            host::attachment_json(state.machine->view(transfer)))});
}

// --- calls

void on_answer(Self self, const attachments::TransferCall& call, const http::Answer& answer) {
  auto& state = self->state;
  const auto fetched = call.transfer.direction == attachments::Direction::down
                           ? attachments::fetched_in(call.transfer, answer)
                           : std::nullopt;
  Status stored;
  if (fetched) {
    stored =
        attachments::write_from(*state.files, key_of(state, call.transfer), call.transfer,
                                fetched->from, std::as_bytes(std::span(answer.response->body)));
  }
  if (stored) {
    (void)run(self, "attachments.answer", Durability::ordered, [&](Transaction& tx) {
      return state.machine->on_answer(tx, call.number, answer, fetched, state.core->now());
    });
  } else {
    (void)run(self, "attachments.file", Durability::ordered, [&](Transaction& tx) {
      return state.machine->on_file_error(tx, call.number, stored.error(), state.core->now());
    });
  }
  ask_plan(self);
}

void send_call(Self self, attachments::TransferCall call) {
  auto& state = self->state;
  if (call.body) {
    auto content = attachments::read_range(*state.files, key_of(state, call.transfer),
                                           call.transfer, call.body->from, call.body->to);
    if (!content) {
      (void)run(self, "attachments.file", Durability::ordered, [&](Transaction& tx) {
        return state.machine->on_file_error(tx, call.number, content.error(), state.core->now());
      });
      return ask_plan(self);
    }
    call.call.body = std::move(*content);
  }
  auto made = std::move(call.call);
  const auto shared = std::make_shared<const attachments::TransferCall>(std::move(call));
  self->request(state.peers.gateway, caf::infinite, MakeCall{std::move(made)})
      .then(
          handler([self, shared](const http::Answer& answer) { on_answer(self, *shared, answer); }),
          handler([self, shared](const caf::error&) {
            on_answer(self, *shared, http::Answer{std::nullopt, http::TransportFailure::silent});
          }));
}

// --- what a background window knows

TransferProgress progress_of(const AttachmentsState& state) {
  const bool is_moving = state.machine->is_moving() || !state.jobs.empty() || state.plan_asked;
  const auto next = state.store.database->read([&](const store::Snapshot& snapshot) {
    return state.machine->next_call_at(snapshot, state.core->now());
  });
  if (!next) return {is_moving, {}};
  state.core->windows->set_transfer(*next);
  return {is_moving, state.machine->may_call() ? *next : std::nullopt};
}

void tell_progress(Self self) {
  const auto progress = progress_of(self->state);
  if (self->state.watcher) self->send(*self->state.watcher, progress);
}

void push_job(Self self, std::unique_ptr<FileJob> job) {
  self->state.jobs.push_back(std::move(job));
  if (self->state.jobs.size() == 1) self->send(self, MovePiece{});
}

void apply(Self self, TransferEffects effects) {
  auto& state = self->state;
  state.timer->arm(self, effects.wake_at);
  // What cannot be removed now is found by the sweep at the next start.
  for (const AttachmentId& id : effects.removed) (void)state.files->remove(id);
  for (const Transfer& transfer : effects.changes) tell_change(self, transfer);
  if (effects.check) {
    auto job = std::make_unique<FileJob>();
    job->kind = FileJob::Kind::check;
    job->id = effects.check->id;
    job->transfer = std::move(effects.check);
    push_job(self, std::move(job));
  }
  if (effects.call) send_call(self, std::move(*effects.call));
}

void plan(Self self) {
  auto& state = self->state;
  state.plan_asked = false;
  if (state.paused) return;
  if (!state.is_open) return open(self);
  const auto outlook = state.store.database->read([&](const store::Snapshot& snapshot) {
    return state.machine->look_ahead(snapshot, state.core->now());
  });
  if (outlook) *state.peers.following = outlook->follows_operations;
  // A look that fails decides nothing: the step itself tells whether the store still works.
  if (outlook && !outlook->wants_plan) {
    state.timer->arm(self, outlook->wake_at);
    return tell_progress(self);
  }
  (void)run(self, "attachments.plan", Durability::durable,
            [&](Transaction& tx) { return state.machine->plan(tx, state.core->now()); });
  tell_progress(self);
}

// --- jobs on files

TransferView view_of(const AttachmentsState& state, const Transfer& transfer) {
  return state.machine->view(transfer);
}

// The answer of an add whose commit may or may not stand is not known; its file stays for the row
// that may be there, and the sweep at the next start knows.
void commit_added(Self self, FileJob& job) {
  auto& state = self->state;
  const auto content = job.intake->finish();
  auto added = write(self, "attachments.add", Durability::durable, [&](Transaction& tx) {
    return state.machine->on_added(tx, job.request, content, state.core->now());
  });
  if (added) {
    tell_change(self, *added);
    job.reply->deliver(view_of(state, *added));
    return ask_plan(self);
  }
  const bool is_known =
      store::is_refusal(added.error()) || added.error().kind == ErrorClass::storage_full;
  if (is_known) (void)state.files->remove(job.request.id);
  job.reply->deliver(failure(is_known ? added.error() : write_indeterminate()));
  if (!is_known) fail_step(self, added.error());
}

// True when the job is over.
Result<bool> begin_add(Self self, FileJob& job) {
  auto& state = self->state;
  LANDFALL_TRY_ASSIGN(auto known, state.store.database->read([&](const store::Snapshot& snapshot) {
    return state.machine->may_add(snapshot, job.request);
  }));
  if (known) {
    job.reply->deliver(view_of(state, *known));
    return true;
  }
  LANDFALL_TRY_ASSIGN(
      auto intake, attachments::Intake::open(
                       {*state.files, *state.store.outbox_key, *state.core->profile().attachments},
                       job.path, job.request.id, job.request.content_type));
  job.intake.emplace(std::move(intake));
  return false;
}

Result<bool> move_add(Self self, FileJob& job) {
  if (!job.intake) return begin_add(self, job);
  LANDFALL_TRY_ASSIGN(const bool is_all, job.intake->more());
  if (is_all) commit_added(self, job);
  return is_all;
}

void finish_check(Self self, const FileJob& job,
                  const std::optional<attachments::ContentHash>& actual) {
  auto& state = self->state;
  (void)run(self, "attachments.check", Durability::ordered, [&](Transaction& tx) {
    return state.machine->on_checked(tx, job.id, actual, state.core->now());
  });
  ask_plan(self);
}

Status open_reader(const AttachmentsState& state, FileJob& job) {
  LANDFALL_TRY_ASSIGN(auto reader, attachments::ContentReader::open(
                                       *state.files, key_of(state, *job.transfer), *job.transfer));
  job.reader.emplace(std::move(reader));
  return {};
}

Result<bool> move_check(Self self, FileJob& job) {
  if (!job.reader) LANDFALL_TRY(open_reader(self->state, job));
  LANDFALL_TRY_ASSIGN(const auto piece, job.reader->next());
  if (!piece.empty()) return false;
  finish_check(self, job, job.reader->finish());
  return true;
}

Status begin_open(Self self, FileJob& job) {
  auto& state = self->state;
  LANDFALL_TRY_ASSIGN(
      job.transfer,
      state.store.database->write("attachments.open", Durability::ordered, [&](Transaction& tx) {
        return state.machine->on_open_content(tx, job.id, state.core->now());
      }));
  LANDFALL_TRY(open_reader(state, job));
  LANDFALL_TRY_ASSIGN(
      auto target, store::VfsFile::open(state.files->vfs(), job.path, store::VfsFile::Mode::write));
  job.target.emplace(std::move(target));
  return job.target->truncate(0);
}

Result<bool> move_open(Self self, FileJob& job) {
  if (!job.reader) {
    LANDFALL_TRY(begin_open(self, job));
    return false;
  }
  LANDFALL_TRY_ASSIGN(const auto piece, job.reader->next());
  if (!piece.empty()) {
    LANDFALL_TRY(job.target->write_at(job.written, piece));
    job.written += static_cast<std::int64_t>(piece.size());
    return false;
  }
  LANDFALL_TRY(job.target->sync());
  if (job.transfer->sha256 != job.reader->finish()) {
    return failure(ErrorClass::corrupt, "attachment.damaged",
                   "the content is not what it was when it was stored");
  }
  job.reply->deliver(view_of(self->state, *job.transfer));
  return true;
}

Result<bool> move(Self self, FileJob& job) {
  switch (job.kind) {
    case FileJob::Kind::add:
      return move_add(self, job);
    case FileJob::Kind::check:
      return move_check(self, job);
    case FileJob::Kind::open:
      break;
  }
  return move_open(self, job);
}

void give_up_job(Self self, FileJob& job, Error error) {
  if (job.kind == FileJob::Kind::check) return finish_check(self, job, std::nullopt);
  // Half of a file in clear helps nobody.
  if (std::exchange(job.target, std::nullopt))
    (void)store::remove_file(self->state.files->vfs(), job.path);
  if (error.code == "seal.broken" || error.code == "file.missing") {
    error = {ErrorClass::corrupt, "attachment.damaged", "the content cannot be read any more"};
  }
  job.reply->deliver(failure(std::move(error)));
}

void move_piece(Self self) {
  auto& jobs = self->state.jobs;
  if (jobs.empty()) return;
  auto is_over = move(self, *jobs.front());
  if (!is_over) {
    give_up_job(self, *jobs.front(), is_over.error());
    is_over = true;
  }
  if (*is_over) jobs.pop_front();
  if (!jobs.empty()) self->send(self, MovePiece{});
}

caf::result<Result<TransferView>> take_job(Self self, FileJob job, Error if_dropped) {
  auto promise = self->make_response_promise<Result<TransferView>>();
  job.reply.emplace(promise, std::move(if_dropped));
  push_job(self, std::make_unique<FileJob>(std::move(job)));
  return promise;
}

// --- requests

Result<TransferView> start_download(Self self, const StartDownload& message) {
  auto& state = self->state;
  auto started = state.store.database->write(
      "attachments.download", Durability::durable, [&](Transaction& tx) {
        return state.machine->on_download(tx, message.request, state.core->now());
      });
  if (!started) {
    const bool is_known =
        store::is_refusal(started.error()) || started.error().kind == ErrorClass::storage_full;
    on_failed_step(self, started.error());
    return failure(is_known ? started.error() : write_indeterminate());
  }
  tell_change(self, *started);
  ask_plan(self);
  return view_of(state, *started);
}

Result<std::vector<TransferView>> list(Self self, const ListAttachments& question) {
  auto& state = self->state;
  LANDFALL_TRY_ASSIGN(const auto transfers,
                      state.store.database->read([&](const store::Snapshot& snapshot) {
                        return store::AttachmentTable::list(snapshot, question.settled,
                                                            question.after_seq, question.limit);
                      }));
  std::vector<TransferView> views;
  for (const Transfer& transfer : transfers) views.push_back(view_of(state, transfer));
  return views;
}

Status on_command(Self self, const AttachmentCommand& command) {
  auto& state = self->state;
  const auto done = run(self, "attachments.command", Durability::durable, [&](Transaction& tx) {
    const Instant now = state.core->now();
    switch (command.word) {
      case TransferWord::cancel:
        return state.machine->on_cancel(tx, command.id, now);
      case TransferWord::discard:
        return state.machine->on_discard(tx, command.id, command.accept_unknown, now);
      case TransferWord::retry:
        break;
    }
    return state.machine->on_retry(tx, command.id, now);
  });
  ask_plan(self);
  return done;
}

// --- surroundings

void tell_network(Self self, bool edge) {
  auto& state = self->state;
  (void)run(self, "attachments.network", Durability::ordered, [&](Transaction& tx) {
    return state.machine->on_network(tx, state.network, edge, state.core->now());
  });
  ask_plan(self);
}

void on_connectivity(Self self, const ConnectivityChanged& changed) {
  self->state.network.reachable = changed.reachable;
  self->state.network.metered = changed.metered;
  tell_network(self, changed.edge);
}

void on_auth(Self self, const AuthChanged& changed) {
  self->state.machine->on_renewal(auth::is_renewing(changed.state));
  (void)run(self, "attachments.auth", Durability::ordered, [&](Transaction& tx) {
    return self->state.machine->on_auth(tx, auth::may_call(changed.state));
  });
  ask_plan(self);
}

void on_update_over(Self self) {
  auto& state = self->state;
  (void)run(self, "attachments.update_over", Durability::ordered,
            [&](Transaction& tx) { return state.machine->on_update_over(tx); });
  ask_plan(self);
}

// What found no room for its first step takes it before any other, as soon as there may be some.
// Not while a file comes in: no row needs it yet, and it would be swept away.
void open(Self self) {
  auto& state = self->state;
  if (!state.jobs.empty()) return stall(self);
  const auto files = state.files->list();
  const auto opened = run(self, "attachments.open", Durability::durable, [&](Transaction& tx) {
    return state.machine->on_open(tx, files, state.core->now());
  });
  if (!opened) return;
  state.is_open = true;
  self->send(state.peers.connectivity,
             SubscribeConnectivity{caf::actor_cast<ConnectivitySubscriber>(self)});
  self->send(state.peers.auth_token, SubscribeAuth{caf::actor_cast<AuthSubscriber>(self)});
  ask_plan(self);
}

}  // namespace

AttachmentsActor::behavior_type attachments_actor(Self self, SharedCore core, PartitionStore store,
                                                  PartitionId partition, AttachmentsPeers peers) {
  auto& state = self->state;
  state.core = std::move(core);
  state.store = std::move(store);
  state.peers = std::move(peers);
  const auto& disk = state.core->environment.disk;
  state.files.emplace(state.core->config.directory, partition, disk.vfs, *disk.files);
  state.timer.emplace(*state.core->environment.clock);
  state.machine.emplace(state.core->profile(), *state.core->repeats);
  open(self);
  return {
      [self](AddAttachment& message) {
        FileJob job;
        job.kind = FileJob::Kind::add;
        job.request = std::move(message.request);
        job.path = std::move(message.path);
        return take_job(self, std::move(job), write_indeterminate());
      },
      [self](const StartDownload& message) { return start_download(self, message); },
      [self](const ListAttachments& question) { return list(self, question); },
      [self](const AttachmentCommand& command) { return on_command(self, command); },
      [self](OpenAttachment& message) {
        FileJob job;
        job.kind = FileJob::Kind::open;
        job.id = message.id;
        job.path = std::move(message.path);
        return take_job(self, std::move(job), read_interrupted());
      },
      [self](const ClearKeptFiles&) {
        (void)run(self, "attachments.clear", Durability::durable,
                  [&](Transaction& tx) { return self->state.machine->on_clear(tx); });
        ask_plan(self);
      },
      [self](const OperationsMoved&) {
        self->state.machine->on_operations_moved();
        ask_plan(self);
      },
      [self](const PlanTransfers&) { plan(self); },
      [self](const MovePiece&) { move_piece(self); },
      [self](const PauseTransfers&) { self->state.paused = true; },
      [self](const WatchProgress& message) {
        self->state.watcher = message.watcher;
        tell_progress(self);
      },
      [self](const CheckTransfers&) { return progress_of(self->state); },
      [self](const ConnectivityChanged& changed) { on_connectivity(self, changed); },
      [self](const AuthChanged& changed) { on_auth(self, changed); },
      [self](const UpdateOver&) { on_update_over(self); },
      [self](const TimerFired& fired) {
        if (self->state.timer->fires(self, fired)) plan(self);
      },
  };
}

}  // namespace landfall::actors
