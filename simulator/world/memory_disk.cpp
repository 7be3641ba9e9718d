#include "simulator/world/memory_disk.hpp"

#include <limits>
#include <set>
#include <utility>

#include "engine/base/assert.hpp"
#include "simulator/world/memory_vfs.hpp"

namespace landfall::world {
namespace {

std::string_view directory_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : name.substr(0, slash);
}

CutMood draw_mood(const Draw& draw) {
  switch (draw() % 8) {
    case 0:
      return CutMood::all_lost;
    case 1:
      return CutMood::all_kept;
    default:
      return CutMood::mixed;
  }
}

bool keeps_new_name(const Draw& draw, CutMood mood) {
  if (mood == CutMood::mixed) return draw() % 2 == 0;
  return mood == CutMood::all_kept;
}

}  // namespace

MemoryDisk::MemoryDisk(Draw draw, UnixClock clock)
    : vfs_(std::make_unique<MemoryVfs>(*this, std::move(draw), std::move(clock))) {}

MemoryDisk::~MemoryDisk() = default;

const std::string& MemoryDisk::vfs_name() const { return vfs_->name(); }

void MemoryDisk::kill() { die(); }

void MemoryDisk::power_cut(const Draw& draw) {
  die();
  const CutMood mood = draw_mood(draw);
  settle_names(draw, mood);
  for (auto& [name, file] : names_) file->content.cut_power(draw, mood);
}

void MemoryDisk::revive() {
  LANDFALL_ASSERT(is_dead_);
  disarm();
  is_dead_ = false;
}

std::uint64_t MemoryDisk::syncs(std::string_view name) const {
  const auto found = syncs_by_name_.find(name);
  return found == syncs_by_name_.end() ? 0 : found->second;
}

std::optional<Bytes> MemoryDisk::read_file(std::string_view name) const {
  const FileRef file = find(name);
  if (!file) return std::nullopt;
  return file->content.bytes();
}

std::vector<std::string> MemoryDisk::list_files() const {
  std::vector<std::string> names;
  for (const auto& [name, file] : names_) names.push_back(name);
  return names;
}

std::vector<std::pair<std::string, Bytes>> MemoryDisk::media() const {
  std::vector<std::pair<std::string, Bytes>> media;
  for (const Names* names : {&names_, &durable_names_}) {
    for (const auto& [name, file] : *names) {
      Bytes bytes = file->content.bytes();
      const Bytes& replaced = file->content.replaced();
      bytes.insert(bytes.end(), replaced.begin(), replaced.end());
      media.emplace_back(name, std::move(bytes));
    }
  }
  return media;
}

void MemoryDisk::for_each_medium(const LookAtBytes& look) const {
  std::set<const DiskFile*> seen;
  for (const Names* names : {&names_, &durable_names_}) {
    for (const auto& [name, file] : *names) {
      if (!seen.insert(file.get()).second) continue;
      look(name, file->content.bytes());
      look(name, file->content.replaced());
    }
  }
}

void MemoryDisk::write_file(std::string_view name, std::span<const std::uint8_t> bytes) {
  FileRef& file = names_[std::string(name)];
  if (!file) file = std::make_shared<DiskFile>(DiskFile{std::string(name), {}, {}, {}});
  file->content.replace(bytes);
  durable_names_[file->name] = file;
}

bool MemoryDisk::erase_file(std::string_view name) {
  durable_names_.erase(std::string(name));
  return names_.erase(std::string(name)) != 0;
}

bool MemoryDisk::flip_bit(std::string_view name, std::size_t bit) {
  const FileRef file = find(name);
  return file && file->content.flip_bit(bit);
}

std::vector<std::size_t> MemoryDisk::flipped_bits(std::string_view name) const {
  const FileRef file = find(name);
  return file ? file->content.flipped_bits() : std::vector<std::size_t>{};
}

std::uint64_t MemoryDisk::used_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [name, file] : names_) bytes += file->content.size();
  return bytes;
}

std::uint64_t MemoryDisk::free_bytes() const {
  if (faults_.is_full()) return 0;
  if (!capacity_) return std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t used = used_bytes();
  return used < *capacity_ ? *capacity_ - used : 0;
}

std::optional<DirectoryLock> MemoryDisk::lock_directory(std::string_view path) {
  if (is_dead_) return std::nullopt;
  auto& holder = directory_locks_[std::string(path)];
  if (!holder.expired()) return std::nullopt;
  auto token = std::make_shared<const std::string>(path);
  holder = token;
  return DirectoryLock(std::move(token));
}

std::vector<std::string> MemoryDisk::held() const {
  std::vector<std::string> names = vfs_->open_files();
  for (const auto& [path, holder] : directory_locks_) {
    if (!holder.expired()) names.push_back(path + "/lock");
  }
  return names;
}

void MemoryDisk::begin_transaction(std::string_view label) {
  if (!crash_in_ || crash_in_->label != label) return;
  crash_at(io_operations() + crash_in_->io_number);
  crash_in_.reset();
}

IoStatus MemoryDisk::admit_change(IoKind kind) {
  if (is_dead_) return IoStatus::dead;
  const IoStatus status = faults_.admit_change(kind);
  if (status == IoStatus::dead) die();
  return status;
}

IoStatus MemoryDisk::admit_look(IoKind kind) {
  return is_dead_ ? IoStatus::dead : faults_.admit_look(kind);
}

IoStatus MemoryDisk::admit_write(std::uint64_t bytes) {
  if (const IoStatus status = admit_change(IoKind::write); status != IoStatus::ok) return status;
  if (!capacity_ || used_bytes() + bytes <= *capacity_) return IoStatus::ok;
  ++limit_refusals_;
  return IoStatus::full;
}

IoStatus MemoryDisk::fill_file(std::string_view name, std::size_t bytes) {
  if (const IoStatus status = admit_write(bytes); status != IoStatus::ok) return status;
  write_file(name, Bytes(bytes));
  return IoStatus::ok;
}

// Renames are what file systems keep whole.
IoStatus MemoryDisk::rename(std::string_view from, std::string_view to) {
  if (const IoStatus status = admit_change(IoKind::remove); status != IoStatus::ok) return status;
  const FileRef file = find(from);
  if (!file) return IoStatus::failed;
  for (Names* names : {&names_, &durable_names_}) {
    names->erase(std::string(from));
    names->insert_or_assign(std::string(to), file);
  }
  file->name = to;
  return IoStatus::ok;
}

std::optional<std::size_t> MemoryDisk::file_size(std::string_view name) const {
  const FileRef file = find(name);
  if (!file) return std::nullopt;
  return file->content.size();
}

IoStatus MemoryDisk::open(std::string_view name, OpenRequest request, FileRef& file) {
  file = find(name);
  if (file) return request.must_create ? IoStatus::failed : admit_look(IoKind::open);
  if (!request.may_create) return IoStatus::failed;
  if (const IoStatus status = admit_change(IoKind::open); status != IoStatus::ok) return status;
  file = std::make_shared<DiskFile>(DiskFile{std::string(name), {}, {}, {}});
  // A file without a name is a temporary one: nobody finds it again, so no directory has it.
  if (!name.empty()) names_[file->name] = file;
  return IoStatus::ok;
}

IoStatus MemoryDisk::remove(std::string_view name, bool sync_directory) {
  if (const IoStatus status = admit_change(IoKind::remove); status != IoStatus::ok) return status;
  names_.erase(std::string(name));
  if (sync_directory) sync_removals(directory_of(name));
  return IoStatus::ok;
}

IoStatus MemoryDisk::sync(const FileRef& file, SyncScope scope) {
  if (const IoStatus status = admit_change(IoKind::sync); status != IoStatus::ok) return status;
  ++syncs_;
  ++syncs_by_name_[file->name];
  file->content.sync();
  // Somebody else may have the name by now, and then this file has none to make durable.
  if (scope.with_name && find(file->name) == file) durable_names_[file->name] = file;
  if (scope.with_directory) sync_removals(directory_of(file->name));
  return IoStatus::ok;
}

MemoryDisk::FileRef MemoryDisk::find(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second;
}

// Locks and WAL indexes are the process's. Connections that are still open keep the memory of
// their WAL index, because SQLite reads it without asking, but the next process gets a new one.
void MemoryDisk::die() {
  if (is_dead_) return;
  is_dead_ = true;
  ++life_;
  directory_locks_.clear();
  for (Names* names : {&names_, &durable_names_}) {
    for (auto& [name, file] : *names) {
      file->locks = {};
      file->wal_index.reset();
    }
  }
}

void MemoryDisk::sync_removals(std::string_view directory) {
  std::erase_if(durable_names_, [&](const auto& entry) {
    return directory_of(entry.first) == directory && !names_.contains(entry.first);
  });
}

// Each name whose change was not synced has either its new file or its old one; either may be
// none at all, so that new files vanish and removed ones come back.
void MemoryDisk::settle_names(const Draw& draw, CutMood mood) {
  std::set<std::string> all;
  for (const Names* names : {&names_, &durable_names_}) {
    for (const auto& [name, file] : *names) all.insert(name);
  }
  Names settled;
  for (const std::string& name : all) {
    const FileRef cached = find(name);
    const auto durable = durable_names_.find(name);
    const FileRef old = durable == durable_names_.end() ? nullptr : durable->second;
    const FileRef kept = cached == old || keeps_new_name(draw, mood) ? cached : old;
    if (kept) settled.emplace(name, kept);
  }
  names_ = settled;
  durable_names_ = std::move(settled);
}

}  // namespace landfall::world
