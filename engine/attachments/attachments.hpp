#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/attachments/content.hpp"
#include "engine/attachments/download.hpp"
#include "engine/attachments/transfer.hpp"
#include "engine/attachments/upload.hpp"
#include "engine/base/result.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/repeated_call.hpp"
#include "engine/profile/profile.hpp"

namespace landfall::store {
class Reader;
class Transaction;
}  // namespace landfall::store

namespace landfall::attachments {

// A call to be made. `body`: its content comes from the sealed file.
struct TransferCall {
  std::uint64_t number = 0;
  Transfer transfer;
  http::ApiCall call;
  std::optional<Range> body;
};

// What a step asks of the outside, after its commit.
struct TransferEffects {
  std::optional<TransferCall> call;
  std::optional<Transfer> check;      // its file is to be read and hashed; then on_checked
  std::optional<Instant> wake_at;     // replaces the machine's one timer
  std::vector<Transfer> changes;      // to be told to the host
  std::vector<AttachmentId> removed;  // their files are to be removed
};

// What the user hands in: a photograph that belongs to an operation (P-72, P-80).
struct AddRequest {
  AttachmentId id;
  OperationId operation;
  std::string content_type;
};

// A report or a document (P-54, P-75).
struct DownloadRequest {
  AttachmentId id;
  std::string source;
  std::string source_id;
  EntityKey entity;  // empty: none
  std::optional<ContentHash> sha256;
};

// What holds a transfer up, and what would help: codes and words for a host (P-32).
struct TransferView {
  Transfer transfer;
  bool is_moving = false;  // a call is under way
  // network, unmetered, wait, login, sync, operation, permission, update, retry, discard; empty:
  // nothing has to
  std::string would_help;
};

struct Network {
  bool reachable = false;
  bool metered = false;

  friend bool operator==(const Network&, const Network&) = default;
};

// Photographs on their way up and documents on their way down, one call at a time, in a lane of
// their own beside the outbox. Who waits for a document looks at the screen, so that downloads go
// before uploads; among themselves they go in order of acceptance. Each piece is chosen anew, so
// that a large file does not hold up a small one for longer than one piece.
//
// An upload leaves once the operation that it belongs to was applied, and not before: the server
// then knows what `operation_id` names, and what is rejected, given up or never sent costs nobody
// the way of a photograph over a slow link. So the operation commits with its photo pending. An
// operation that ends in another way takes its files along: to the operation that supersedes it, or
// away when its user gave it up; else they wait for their user's word.
//
// A call that failed holds all of them for a moment, and as long as the server asked for, so that
// fifty photographs do not call a server that is down fifty times (INV-Q9).
//
// The table is the truth. What is in memory is the call that is under way, so that a step which was
// rolled back leaves nothing behind but that; `forget_call` takes it back. What was under way when
// a process died is asked for before anything is sent again (HEAD).
class Attachments final {
 public:
  // The profile has attachments; it and the ledger of the device's repeats outlive the machine.
  Attachments(const Profile& profile, http::RepeatLedger& repeats);

  // `files` are those that are there. Files that no row knows are removed; rows whose file is
  // missing say so (attachment.missing), or begin again when the server has the content.
  [[nodiscard]] Result<TransferEffects> on_open(store::Transaction& tx,
                                                const std::vector<AttachmentId>& files,
                                                Instant now);

  // Whether the file may be taken in: the same id with the same words was accepted already (its
  // row), it is a new one (nothing), or it is refused. attachment.id_reused, operation.not_found,
  // attachment.type_unknown, attachment.full, attachment.bytes_full, attachment.operation_over.
  [[nodiscard]] Result<std::optional<Transfer>> may_add(const store::Reader& reader,
                                                        const AddRequest& request) const;
  // Its content is sealed and on the medium. The row it has from now on.
  [[nodiscard]] Result<Transfer> on_added(store::Transaction& tx, const AddRequest& request,
                                          const TakenIn& content, Instant now);
  // attachment.id_reused, download.unknown_kind, attachment.full.
  [[nodiscard]] Result<Transfer> on_download(store::Transaction& tx, const DownloadRequest& request,
                                             Instant now);

  // Whether a plan would find something to do, and else when to look again: a plan is a sync.
  struct Outlook {
    bool wants_plan = false;
    bool follows_operations = false;  // on_operations_moved may make a plan worth it
    std::optional<Instant> wake_at;
  };
  [[nodiscard]] Result<Outlook> look_ahead(const store::Reader& reader, Instant now) const;
  // The next call, check or timer.
  [[nodiscard]] Result<TransferEffects> plan(store::Transaction& tx, Instant now);
  // The network and the session let it.
  [[nodiscard]] bool may_call() const;
  [[nodiscard]] bool is_moving() const { return under_way_.has_value(); }
  // Operations were settled: what belongs to them is looked at by the next plan.
  void on_operations_moved() { operations_moved_ = true; }

  // The answer to call `number`. `stored`: the content that it carried is in the file.
  [[nodiscard]] Result<TransferEffects> on_answer(store::Transaction& tx, std::uint64_t number,
                                                  const http::Answer& answer,
                                                  const std::optional<Fetched>& stored,
                                                  Instant now);
  // The content of call `number` could not be read or written here: `error` is storage.full,
  // file.missing, seal.broken, or one of the disk.
  [[nodiscard]] Result<TransferEffects> on_file_error(store::Transaction& tx, std::uint64_t number,
                                                      const Error& error, Instant now);
  // Nothing: a piece is damaged or missing.
  [[nodiscard]] Result<TransferEffects> on_checked(store::Transaction& tx, const AttachmentId& id,
                                                   const std::optional<ContentHash>& actual,
                                                   Instant now);
  // A step that sent a call was rolled back, or its call cannot be made.
  void forget_call();

  // `edge`: offline to online.
  [[nodiscard]] Result<TransferEffects> on_network(store::Transaction& tx, const Network& network,
                                                   bool edge, Instant now);
  // Whether calls may be made that need a session. Each time that they may, also behind a refresh,
  // what was blocked for want of one goes on.
  [[nodiscard]] Result<TransferEffects> on_auth(store::Transaction& tx, bool authenticated);
  // Whether a session that calls may not be made with now is being renewed: nobody need log in.
  void on_renewal(bool is_renewing) { is_renewing_ = is_renewing; }

  // The server takes this version of the app again: what a 426 blocked goes on (P-101). A process
  // that opens the machine anew may be the newer app, so that `on_open` lifts the same.
  [[nodiscard]] Result<TransferEffects> on_update_over(store::Transaction& tx);

  // attachment.not_found, attachment.sent (the server heard of it: discard), attachment.settled.
  [[nodiscard]] Result<TransferEffects> on_cancel(store::Transaction& tx, const AttachmentId& id,
                                                  Instant now);
  // attachment.may_have_happened: the server may have all of it; `accept_unknown` discards it here
  // all the same.
  [[nodiscard]] Result<TransferEffects> on_discard(store::Transaction& tx, const AttachmentId& id,
                                                   bool accept_unknown, Instant now);
  // Failed ones, and those that wait or are blocked, go at once. attachment.settled.
  [[nodiscard]] Result<TransferEffects> on_retry(store::Transaction& tx, const AttachmentId& id,
                                                 Instant now);
  // The user clears the cache: what is done goes, but for what unsettled operations refer to.
  [[nodiscard]] Result<TransferEffects> on_clear(store::Transaction& tx);
  // The transfer whose content may be opened. attachment.not_ready: it is not all here yet;
  // attachment.gone: it was thrown away.
  [[nodiscard]] Result<Transfer> on_open_content(store::Transaction& tx, const AttachmentId& id,
                                                 Instant now);

  [[nodiscard]] TransferView view(const Transfer& transfer) const;
  // When it would like to call, were there a way; nothing when nothing waits.
  [[nodiscard]] Result<std::optional<Instant>> next_call_at(const store::Reader& reader,
                                                            Instant now) const;

 private:
  struct UnderWay {
    std::uint64_t number = 0;
    AttachmentId id;
  };

  [[nodiscard]] const profile::AttachmentRules& rules() const { return *profile_.attachments; }
  void hold(const Transfer& transfer, Instant now);
  [[nodiscard]] Instant held_until() const;
  [[nodiscard]] StepContext context(Instant now) const { return {profile_, now}; }
  [[nodiscard]] Status follow_all(store::Transaction& tx, std::vector<Transfer>& open,
                                  TransferEffects& effects, Instant now);
  [[nodiscard]] Result<bool> follow_operation(store::Transaction& tx, Transfer& transfer,
                                              TransferEffects& effects, Instant now);
  [[nodiscard]] Result<bool> is_ready(store::Transaction& tx, Transfer& transfer,
                                      TransferEffects& effects, Instant now);
  [[nodiscard]] Result<std::optional<Transfer>> take_under_way(store::Transaction& tx,
                                                               std::uint64_t number);
  [[nodiscard]] Status begin(store::Transaction& tx, Transfer transfer, TransferEffects& effects,
                             Instant now);
  [[nodiscard]] Status save(store::Transaction& tx, const Transfer& transfer,
                            TransferEffects& effects);
  [[nodiscard]] Status drop_file(store::Transaction& tx, Transfer& transfer,
                                 TransferEffects& effects);
  [[nodiscard]] Status on_done(store::Transaction& tx, const Transfer& done,
                               TransferEffects& effects);
  [[nodiscard]] Status check_room(const store::Reader& reader, std::int64_t bytes) const;

  const Profile& profile_;
  Network network_;
  bool authenticated_ = false;
  bool is_renewing_ = false;
  std::optional<UnderWay> under_way_;
  std::uint64_t last_number_ = 0;
  AttachmentId last_answered_;          // whose answer was taken last
  std::optional<AttachmentId> unsure_;  // whose last answer a step that was rolled back has lost
  Instant held_until_;                  // by the last failure, or the server's own word
  http::RepeatedCall calls_;            // whatever file they carry
  bool operations_moved_ = true;        // some upload may have to follow its operation
};

}  // namespace landfall::attachments
