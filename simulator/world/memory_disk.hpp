#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/world/disk_faults.hpp"
#include "simulator/world/file_locks.hpp"
#include "simulator/world/memory_file.hpp"
#include "simulator/world/memory_files.hpp"

namespace landfall::world {

class MemoryVfs;

// The wall clock that SQLite sees on this disk, in milliseconds of Unix time.
using UnixClock = std::function<std::int64_t()>;

// A file of the disk as its directory knows it. Locks and WAL index belong to the process.
struct DiskFile {
  std::string name;
  MemoryFile content;
  FileLocks locks;
  std::weak_ptr<WalIndex> wal_index;
};

// Proof that this process owns a directory; giving it up or a crash of the process ends that.
class DirectoryLock final {
 public:
  explicit DirectoryLock(std::shared_ptr<const std::string> path) : path_(std::move(path)) {}
  DirectoryLock(DirectoryLock&&) noexcept = default;
  DirectoryLock& operator=(DirectoryLock&&) noexcept = default;
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock() = default;

  [[nodiscard]] const std::string& path() const { return *path_; }

 private:
  std::shared_ptr<const std::string> path_;
};

// The disk of one simulated phone, offered to SQLite as a VFS of its own name.
//
// What it promises: bytes and names reach the medium by syncs alone, so that a power cut takes,
// tears or garbles everything else; a killed process loses nothing it had written; from a crash
// to `revive` every I/O fails, and connections of an earlier process stay dead for ever (closing
// them is harmless). Equal draws and equal calls give equal bytes.
//
// Single-threaded: a disk and every connection to it are used from one thread. It outlives its
// connections. SQLite has one random generator for the whole process (WAL salts come from it);
// making a disk seeds that from the disk's draws, as far as the SQLite at hand allows it.
class MemoryDisk final {
 public:
  explicit MemoryDisk(Draw draw, UnixClock clock = {});
  ~MemoryDisk();
  MemoryDisk(const MemoryDisk&) = delete;
  MemoryDisk& operator=(const MemoryDisk&) = delete;

  // The name to open databases with (`sqlite3_open_v2`'s last argument).
  [[nodiscard]] const std::string& vfs_name() const;

  // --- Crashes: arm or cause one, decide what is left, start the next process.

  // The change with this number (see `io_operations`) and everything after it fails.
  void crash_at(std::uint64_t io_number) { faults_.crash_at(io_number); }
  // The same, counted from the beginning of the next transaction that has this label.
  void crash_in(std::string label, std::uint64_t io_number) {
    crash_in_ = CrashIn{std::move(label), io_number};
  }
  void disarm() {
    faults_.disarm();
    crash_in_.reset();
  }
  [[nodiscard]] bool has_armed_crash() const { return faults_.has_armed_crash(); }
  [[nodiscard]] bool is_dead() const { return is_dead_; }
  // The process dies. What it wrote is kept, its locks and WAL indexes are gone.
  void kill();
  // The power goes, and the process with it. Also legal on a process that is dead already.
  void power_cut(const Draw& draw);
  // The next process may begin. Disarms the crash; full disk and I/O errors stay until `heal`.
  void revive();

  // --- Room. A write needs as much as it writes, an overwriting one too (phones have file systems
  // that write a new copy before they give the old one up), and keeps what the file grew by.

  // Nothing that would take more than this in all fits any more; nothing: there is always room.
  void limit(std::optional<std::uint64_t> capacity_bytes) { capacity_ = capacity_bytes; }
  [[nodiscard]] bool is_limited() const { return capacity_.has_value(); }
  [[nodiscard]] std::uint64_t used_bytes() const;
  [[nodiscard]] std::uint64_t free_bytes() const;
  // Writes that found no room under `limit`.
  [[nodiscard]] std::uint64_t limit_refusals() const { return limit_refusals_; }

  // --- Errors; see DiskFaults.

  void full_after(std::uint64_t writes) { faults_.full_after(writes); }
  void fail_io(IoKind kind, FaultMode mode, std::uint64_t skip = 0) {
    faults_.fail_io(kind, mode, skip);
  }
  void heal() { faults_.heal(); }
  [[nodiscard]] std::uint64_t faults_fired(IoKind kind) const { return faults_.fired(kind); }
  [[nodiscard]] std::uint64_t full_refusals() const { return faults_.full_refusals(); }

  // Changes and syncs through an open file behind a sync of its that failed: there SQLite's pages
  // and the medium are no longer the same, and nobody knows which (INV-S5).
  [[nodiscard]] std::uint64_t changes_behind_failed_syncs() const { return poisoned_; }

  // --- Counters, over all lives of the disk.

  // Changes so far: files created, writes, truncates, syncs, removals. Failed ones count as well.
  [[nodiscard]] std::uint64_t io_operations() const { return faults_.io_operations(); }
  [[nodiscard]] std::uint64_t syncs() const { return syncs_; }
  [[nodiscard]] std::uint64_t syncs(std::string_view name) const;

  // --- The files from outside, past every fault and lock: to look, and to plant damage.

  // What a process would read; nothing when there is no such file.
  [[nodiscard]] std::optional<Bytes> read_file(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> list_files() const;
  // Every file with its bytes, also those that were removed and could come back with a power cut,
  // and behind each what its unsynced changes replaced.
  [[nodiscard]] std::vector<std::pair<std::string, Bytes>> media() const;
  // The same without copies: the file's bytes first, then what was replaced. Each file once, by one
  // of its names.
  using LookAtBytes = std::function<void(const std::string& name, std::span<const std::uint8_t>)>;
  void for_each_medium(const LookAtBytes& look) const;
  // Creates or replaces the file, durably.
  void write_file(std::string_view name, std::span<const std::uint8_t> bytes);
  // Removes the file, durably. False when there is none.
  bool erase_file(std::string_view name);
  // False when there is no such file or it is too short.
  [[nodiscard]] bool flip_bit(std::string_view name, std::size_t bit);
  // Those of a file that were ever flipped; it keeps them under every name that it gets.
  [[nodiscard]] std::vector<std::size_t> flipped_bits(std::string_view name) const;

  // What the process that runs holds: the files that it has open, one name for each connection, and
  // the directories that it has locked.
  [[nodiscard]] std::vector<std::string> held() const;

  // --- The process's side.

  // Whole files, as the engine handles them.
  [[nodiscard]] store::Files& files() { return files_; }

  // Takes the directory for this process; nothing when it is taken already or the process is dead.
  [[nodiscard]] std::optional<DirectoryLock> lock_directory(std::string_view path);

 private:
  friend class MemoryVfs;
  friend class MemoryFiles;

  using FileRef = std::shared_ptr<DiskFile>;
  using Names = std::map<std::string, FileRef, std::less<>>;

  struct OpenRequest {
    bool may_create = false;
    bool must_create = false;
  };

  struct CrashIn {
    std::string label;
    std::uint64_t io_number;
  };

  // What a sync makes durable beside the file's bytes.
  struct SyncScope {
    bool with_name = true;
    bool with_directory = false;
  };

  // What the VFS calls. `life` names the process that a connection belongs to.
  [[nodiscard]] std::uint64_t life() const { return life_; }
  void begin_transaction(std::string_view label);
  [[nodiscard]] IoStatus admit_change(IoKind kind);
  [[nodiscard]] IoStatus admit_look(IoKind kind);
  [[nodiscard]] IoStatus admit_write(std::uint64_t bytes);
  void note_poisoned() { ++poisoned_; }
  [[nodiscard]] IoStatus open(std::string_view name, OpenRequest request, FileRef& file);
  [[nodiscard]] IoStatus remove(std::string_view name, bool sync_directory);
  [[nodiscard]] IoStatus sync(const FileRef& file, SyncScope scope);
  [[nodiscard]] FileRef find(std::string_view name) const;

  // What MemoryFiles calls.
  [[nodiscard]] IoStatus fill_file(std::string_view name, std::size_t bytes);
  [[nodiscard]] IoStatus rename(std::string_view from, std::string_view to);
  [[nodiscard]] std::optional<std::size_t> file_size(std::string_view name) const;

  void die();
  void sync_removals(std::string_view directory);
  void settle_names(const Draw& draw, CutMood mood);

  DiskFaults faults_;
  std::optional<CrashIn> crash_in_;
  // The directory as processes see it, and as the medium has it: a name that differs between
  // the two was created or removed without a sync.
  Names names_;
  Names durable_names_;
  std::map<std::string, std::uint64_t, std::less<>> syncs_by_name_;
  std::map<std::string, std::weak_ptr<const std::string>, std::less<>> directory_locks_;
  std::uint64_t syncs_ = 0;
  std::uint64_t life_ = 0;
  std::optional<std::uint64_t> capacity_;
  std::uint64_t limit_refusals_ = 0;
  std::uint64_t poisoned_ = 0;
  bool is_dead_ = false;
  MemoryFiles files_{*this};
  std::unique_ptr<MemoryVfs> vfs_;
};

}  // namespace landfall::world
