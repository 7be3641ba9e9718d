#include "engine/store/database.hpp"

#include <sqlite3.h>

#include <string>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/store/connection.hpp"
#include "engine/store/foreign_log.hpp"
#include "engine/store/linked_file.hpp"
#include "engine/store/migrate.hpp"
#include "engine/store/sqlite_error.hpp"
#include "engine/store/transaction_label.hpp"

namespace landfall::store {

namespace {

constexpr std::string_view kReadSeq = "SELECT value FROM counters WHERE name='commit_seq'";
constexpr std::string_view kWriteSeq = "UPDATE counters SET value=?1 WHERE name='commit_seq'";
constexpr std::string_view kWriteLate =
    "INSERT INTO counters(name,value) VALUES(?1,?2) "
    "ON CONFLICT(name) DO UPDATE SET value=excluded.value";
constexpr const char* kCreateSeq =
    "INSERT OR IGNORE INTO counters(name,value) VALUES('commit_seq',0)";

constexpr std::int64_t kWalHeaderBytes = 32;
constexpr std::int64_t kWalFrameHeaderBytes = 24;

// New files only; an old one keeps the page size it was made with. No auto-vacuum: free pages are
// reused, and its map would be one more page in every commit.
constexpr const char* kNewFile =
    "PRAGMA page_size=4096;PRAGMA auto_vacuum=NONE;PRAGMA encoding='UTF-8'";

Error broken(std::string_view doing) {
  return {ErrorClass::refused, "store.broken",
          std::string(doing) + ": the database failed before and has to be opened again"};
}

Error missing_seq() {
  return Error{ErrorClass::corrupt, "store.corrupt", "the counter of commits is missing"};
}

// Of a transaction that was committed. Late counters went with it.
void note_counters(OpenCounters& counters, LateCounters& late, KnownCounters& known) {
  if (!late.is_empty()) {
    late.clear();
    known.forget();  // their rows are others now
  }
  // What was added to and never read stands on what was known before.
  for (OpenCounter& counter : counters.all()) {
    if (!counter.stored) counter.stored = known.find(counter.name);
  }
  known.note(counters);
}

}  // namespace

struct Database::ReadSlot {
  std::atomic_flag taken = ATOMIC_FLAG_INIT;
  std::unique_ptr<Connection> connection;
};

Result<std::unique_ptr<Database>> Database::open(OpenOptions options) {
  if (options.vfs.empty()) options.vfs = kDefaultVfs;
  LANDFALL_TRY(refuse_link(options.path, options.vfs));
  const auto migrations = options.migrations;
  std::unique_ptr<PageChecksums> checksums;
  if (!lacks_checksums(options.path, options.vfs)) {
    checksums = std::make_unique<PageChecksums>(options.vfs);
    options.vfs = checksums->vfs_name();
  }
  LANDFALL_TRY_ASSIGN(auto writer,
                      Connection::open(options.path, options.vfs, Connection::Role::writer));
  LANDFALL_TRY(check_origin(*writer, migrations));
  LANDFALL_TRY(refuse_foreign_log(*writer, options.path, options.vfs));
  LANDFALL_TRY(writer->execute(kNewFile, "preparing a new file"));
  if (checksums) LANDFALL_TRY(writer->reserve_checksums());
  LANDFALL_TRY(writer->apply_settings());
  std::unique_ptr<Database> database(
      new Database(std::move(options), std::move(checksums), std::move(writer)));
  LANDFALL_TRY(database->settle_log());
  LANDFALL_TRY(apply_migrations(*database->writer_, migrations));
  LANDFALL_TRY(database->load_commit_seq());
  LANDFALL_TRY(database->watch_log());
  database->writer_->trust_log();
  return database;
}

Database::Database(OpenOptions options, std::unique_ptr<PageChecksums> checksums,
                   std::unique_ptr<Connection> writer)
    : path_(std::move(options.path)),
      checksums_(std::move(checksums)),
      vfs_(std::move(options.vfs)),
      gate_(options.gate != nullptr ? options.gate : &no_gate_),
      watch_(options.watch),
      writer_(std::move(writer)) {
  LANDFALL_ASSERT(options.read_connections_max > 0);
  for (int i = 0; i < options.read_connections_max; ++i)
    readers_.push_back(std::make_unique<ReadSlot>());
}

Database::~Database() {
  for (auto& slot : readers_) LANDFALL_ASSERT(!slot->taken.test(std::memory_order_acquire));
  write_late_counters();
  // The write connection is the last one to close: it decides whether the log is moved into the
  // file.
  readers_.clear();
}

// Nothing is lost when this fails: the file holds what was true a while ago.
void Database::write_late_counters() noexcept {
  if (late_counters_.is_empty() || is_broken()) return;
  WriteTurn turn(*this, WritePriority::ordinary);
  if (turn.begin("store.late_counters", Durability::ordered)) (void)turn.commit_changes();
}

// A process that was killed leaves commits in the log that are in the system's cache and not on the
// medium. Rows that were found are answered for ("accepted already"), so that what the database
// shows has to be on the medium first. Moving the log into the file does that, and also writes
// again what a failed sync may have dropped.
Status Database::settle_log() {
  if (writer_->wal_file_bytes() == 0) return {};
  const int code = sqlite3_wal_checkpoint_v2(writer_->handle(), "main", SQLITE_CHECKPOINT_TRUNCATE,
                                             nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  // On a full disk the file may have no room to grow; the log is complete as it is.
  if ((code & 0xff) == SQLITE_FULL) return writer_->sync_wal_file();
  return failure(writer_->fail(code, "settling the log"));
}

Status Database::load_commit_seq() {
  LANDFALL_TRY_ASSIGN(Statement statement, writer_->borrow(kReadSeq));
  Rows rows(std::move(statement));
  LANDFALL_TRY_ASSIGN(const auto seq, rows.first([](const Rows& row) { return row.integer(0); }));
  if (seq && *seq < 0) return failure(missing_seq());
  if (seq) {
    commit_seq_.store(static_cast<std::uint64_t>(*seq), std::memory_order_release);
    return {};
  }
  return writer_->execute(kCreateSeq, "creating the counter of commits");
}

Status Database::watch_log() {
  LANDFALL_TRY_ASSIGN(page_bytes_, writer_->read_integer("PRAGMA page_size"));
  sqlite3_wal_hook(
      writer_->handle(),
      [](void* self, sqlite3*, const char*, int frames) {
        static_cast<Database*>(self)->note_wal_frames(frames);
        return SQLITE_OK;
      },
      this);
  return {};
}

void Database::note_wal_frames(std::int64_t frames) noexcept {
  const std::int64_t bytes =
      frames == 0 ? 0 : kWalHeaderBytes + frames * (page_bytes_ + kWalFrameHeaderBytes);
  wal_bytes_.store(bytes, std::memory_order_relaxed);
  if (!has_long_log(true)) log_told_.store(LogLength::fair, std::memory_order_relaxed);
}

bool Database::has_long_log(bool disk_is_low) const noexcept {
  return log_length(wal_bytes(), disk_is_low) != LogLength::fair;
}

bool Database::log_became_long(bool disk_is_low) noexcept {
  const LogLength now = log_length(wal_bytes(), disk_is_low);
  const LogLength told = log_told_.load(std::memory_order_relaxed);
  if (now == told) return false;
  if (now == LogLength::fair || told < now) log_told_.store(now, std::memory_order_relaxed);
  return told < now;
}

void Database::note_writer_state() noexcept {
  if (writer_->has_failed()) broken_.store(true, std::memory_order_release);
}

void Database::watch_changes(std::shared_ptr<ChangeWatch> watch) {
  change_watch_ = std::move(watch);
  journal_.listen(writer_->handle());
}

void Database::tell(std::string_view label, const Error& error) noexcept {
  if (watch_ == nullptr) return;
  if (error.code == "storage.full") watch_->on_full(label);
  if (error.kind == ErrorClass::corrupt) watch_->on_corrupt(error.code);
}

void Database::tell_ignored(const ReadTurn& turn) noexcept {
  if (const auto& failed = turn.connection().first_failure()) tell("", *failed);
}

Database::WriteTurn::WriteTurn(Database& database, WritePriority priority) : database_(database) {
  database_.gate_->enter(priority);
}

Database::WriteTurn::~WriteTurn() {
  if (open_) roll_back();
  database_.gate_->leave();
}

Status Database::WriteTurn::begin(std::string_view label, Durability durability) {
  label_ = label;
  durability_ = durability;
  begun_as_ = durability;
  if (database_.is_broken()) {
    return failure(broken(label));
  }
  Connection& writer = *database_.writer_;
  LANDFALL_ASSERT(!writer.in_transaction());
  (void)sqlite3_file_control(writer.handle(), "main", kTransactionLabelControl, &label);
  const SyncLevel level = durability == Durability::durable ? SyncLevel::full : SyncLevel::normal;
  Status begun = writer.set_sync_level(level);
  if (begun) begun = writer.begin();
  database_.note_writer_state();
  open_ = begun.has_value();
  changes_before_ = sqlite3_total_changes64(writer.handle());
  database_.journal_.begin();
  return begun;
}

void Database::WriteTurn::roll_back() noexcept {
  open_ = false;
  database_.writer_->roll_back();
  database_.note_writer_state();
}

Status Database::WriteTurn::write_late() {
  for (const LateCounter& counter : database_.late_counters_.with(late_)) {
    LANDFALL_TRY_ASSIGN(Statement statement, database_.writer_->borrow(kWriteLate));
    statement.bind_all(counter.name, counter.value);
    LANDFALL_TRY(statement.step());
  }
  return {};
}

Status Database::WriteTurn::raise_commit_seq() {
  Connection& writer = *database_.writer_;
  LANDFALL_TRY_ASSIGN(Statement statement, writer.borrow(kWriteSeq));
  statement.bind_all(static_cast<std::int64_t>(commit_seq()));
  database_.journal_.pause();
  const auto stepped = statement.step();
  database_.journal_.resume();
  LANDFALL_TRY(stepped);
  if (sqlite3_changes(writer.handle()) != 1) return failure(missing_seq());
  return {};
}

// Steps that found nothing to do are common, and a full disk must not end them. A commit could
// still write: emptying an empty table makes its page new. A sync needs no room, and makes durable
// what the ordered commits before it left to this one.
Status Database::WriteTurn::finish_unchanged() {
  Connection& writer = *database_.writer_;
  Status synced;
  if (durability_ == Durability::durable && database_.has_unsynced_) {
    synced = writer.sync_wal_file();
    database_.has_unsynced_ = !synced;
  }
  roll_back();
  if (!synced || late_.empty()) return synced;
  database_.late_counters_.keep(late_, database_.commit_seq());
  if (database_.change_watch_) database_.change_watch_->on_set_late();
  return synced;
}

Error Database::WriteTurn::commit_unknown(const Error& error) const {
  return {ErrorClass::indeterminate, "store.commit_unknown",
          std::string(label_) + ": " + error.message};
}

// The level of syncs cannot be changed inside of a transaction, so that one which became durable on
// its way is synced behind its commit. It stands in the log by then, so that no failure of this is
// a plain refusal.
Status Database::WriteTurn::sync_behind_commit() {
  if (durability_ == begun_as_) return {};
  Connection& writer = *database_.writer_;
  const Status synced = writer.sync_wal_file();
  if (synced) return {};
  writer.mark_failed(synced.error());
  database_.note_writer_state();
  if (database_.change_watch_) database_.change_watch_->on_commit_unknown();
  return failure(commit_unknown(synced.error()));
}

Status Database::WriteTurn::commit() {
  if (const auto& failed = database_.writer_->first_failure()) {
    Error error = *failed;
    error.message = std::string(label_) + ": a statement failed and was ignored: " + error.message;
    roll_back();
    return failure(std::move(error));
  }
  const auto changes = sqlite3_total_changes64(database_.writer_->handle());
  return changes == changes_before_ ? finish_unchanged() : commit_changes();
}

Status Database::WriteTurn::commit_changes() {
  Status completed = write_late();
  if (completed) completed = raise_commit_seq();
  if (!completed) {
    roll_back();
    return completed;
  }
  Connection& writer = *database_.writer_;
  ChangeWatch* const watch = database_.change_watch_.get();
  if (watch != nullptr) watch->on_committing(database_.journal_.end());
  Status committed = writer.commit();
  if (committed) {
    open_ = false;
    LANDFALL_TRY(sync_behind_commit());
    database_.has_unsynced_ = durability_ == Durability::ordered;
    if (watch != nullptr) watch->on_committed(commit_seq());
    database_.commit_seq_.store(commit_seq(), std::memory_order_release);
    note_counters(counters_, database_.late_counters_, database_.known_counters_);
    return committed;
  }
  // A reference that is still open is found before anything is written. A disk without room refuses
  // a frame of the log, at the latest the last one, without which the others count for nothing; a
  // sync that fails is an I/O error. Both are plain refusals, and the database stays usable.
  const bool was_refused =
      committed.error().code == "store.constraint" || committed.error().code == "storage.full";
  if (!was_refused) writer.mark_failed(committed.error());
  if (watch != nullptr) was_refused ? watch->on_refused() : watch->on_commit_unknown();
  roll_back();
  if (was_refused) return committed;
  return failure(commit_unknown(committed.error()));
}

Result<Database::ReadTurn> Database::begin_read() {
  for (auto& slot : readers_) {
    if (slot->taken.test_and_set(std::memory_order_acquire)) continue;
    ReadTurn turn(*slot);
    LANDFALL_TRY(turn.begin(path_, vfs_));
    return turn;
  }
  return failure(ErrorClass::busy, "store.busy", "all read connections are in use");
}

Status Database::ReadTurn::begin(const std::string& path, const std::string& vfs) {
  if (!slot_->connection) {
    LANDFALL_TRY_ASSIGN(auto connection, Connection::open(path, vfs, Connection::Role::reader));
    LANDFALL_TRY(connection->apply_settings());
    slot_->connection = std::move(connection);
  }
  LANDFALL_TRY(slot_->connection->begin());
  // The first read fixes what the transaction sees, so that the number belongs to exactly that.
  LANDFALL_TRY_ASSIGN(const std::int64_t seq, slot_->connection->read_integer(kReadSeq));
  commit_seq_ = static_cast<std::uint64_t>(seq);
  return {};
}

Database::ReadTurn::~ReadTurn() {
  if (slot_ == nullptr) return;
  if (slot_->connection) {
    slot_->connection->roll_back();
    // The next reader starts anew after a failure.
    if (slot_->connection->has_failed()) slot_->connection.reset();
  }
  slot_->taken.clear(std::memory_order_release);
}

Connection& Database::ReadTurn::connection() const noexcept { return *slot_->connection; }

Result<Checkpoint> Database::checkpoint(CheckpointMode mode) {
  WriteTurn turn(*this, WritePriority::ordinary);
  if (is_moving_)
    return failure(ErrorClass::busy, "store.busy", "checkpoint: the log is being moved already");
  return checkpoint_in(turn, mode);
}

Result<Checkpoint> Database::checkpoint_in(WriteTurn& turn, CheckpointMode mode) {
  if (is_broken()) return failure(broken("checkpoint"));
  Connection& writer = turn.connection();
  LANDFALL_ASSERT(!writer.in_transaction());
  const int sqlite_mode =
      mode == CheckpointMode::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
  int frames = 0;
  int moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(writer.handle(), "main", sqlite_mode, &frames, &moved);
  if (code != SQLITE_OK) {
    Error error = writer.fail(code, "checkpoint");
    note_writer_state();
    return failure(std::move(error));
  }
  const Checkpoint outcome{frames > moved ? frames - moved : 0};
  note_wal_frames(outcome.frames_left);
  return outcome;
}

// SQLite before 3.51.3 may lose frames when a checkpoint begins on one connection at the instant at
// which another writes the first frame of a log that was moved whole (sqlite.org/wal.html, "The
// WAL-reset bug"). So a move beside the writer begins only when the log holds what was not moved,
// and until its end nobody else moves anything: the writer cannot begin the log anew meanwhile.
Result<bool> Database::begin_move() {
  WriteTurn turn(*this, WritePriority::ordinary);
  if (is_broken()) return failure(broken("moving the log"));
  LANDFALL_ASSERT(!is_moving_);
  is_moving_ = wal_bytes() != 0;
  return is_moving_;
}

// store.busy when a commit changes the log's header in the instant in which it is read: whoever
// writes next asks again.
Status Database::move_beside_writer() {
  LANDFALL_TRY_ASSIGN(auto mover, Connection::open(path_, vfs_, Connection::Role::writer));
  LANDFALL_TRY(mover->apply_settings());
  const int code = sqlite3_wal_checkpoint_v2(mover->handle(), "main", SQLITE_CHECKPOINT_PASSIVE,
                                             nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  Error error = mover->fail(code, "moving the log");
  if (mover->has_failed()) broken_.store(true, std::memory_order_release);
  return failure(std::move(error));
}

Result<Checkpoint> Database::move_log() {
  LANDFALL_TRY_ASSIGN(const bool has_begun, begin_move());
  if (!has_begun) return Checkpoint{};
  const Status moved = move_beside_writer();
  // The longer it waits here, the more is left for the write connection.
  WriteTurn turn(*this, WritePriority::acknowledgement);
  is_moving_ = false;
  LANDFALL_TRY(moved);
  return checkpoint_in(turn, CheckpointMode::passive);
}

template <class... Values>
Status Database::check(std::string_view pragma, const Values&... values) {
  return read([&](const Snapshot& snapshot) -> Status {
    LANDFALL_TRY_ASSIGN(Rows rows, snapshot.select(pragma, values...));
    LANDFALL_TRY_ASSIGN(const auto finding,
                        rows.first([](const Rows& row) { return std::string(row.text(0)); }));
    if (!finding || *finding == "ok") return {};
    return failure(ErrorClass::corrupt, "store.corrupt", quote_input(*finding));
  });
}

Result<std::vector<std::string>> Database::tables() {
  return read([](const Snapshot& snapshot) -> Result<std::vector<std::string>> {
    LANDFALL_TRY_ASSIGN(Rows rows, snapshot.select("SELECT name FROM sqlite_schema"
                                                   " WHERE type = 'table' ORDER BY name"));
    return rows.all([](const Rows& row) { return std::string(row.text(0)); });
  });
}

Status Database::quick_check(const std::string& table) {
  return check("SELECT * FROM pragma_quick_check(?1)", table);
}

Status Database::integrity_check() { return check("PRAGMA integrity_check(1)"); }

// Its rows begin with the table that holds the open reference.
Status Database::foreign_key_check() { return check("PRAGMA foreign_key_check"); }

bool is_refusal(const Error& error) {
  const bool refuses = error.kind == ErrorClass::invalid || error.kind == ErrorClass::refused ||
                       error.kind == ErrorClass::busy;
  return refuses && error.code != "store.broken" && error.code != "store.busy";
}

}  // namespace landfall::store
