#include "simulator/world/file_events.hpp"

#include "simulator/faults/fault_plan.hpp"
#include "simulator/world/planted_files.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::world {
namespace {

using faults::Fault;

constexpr std::int64_t kNewerBy = 7;  // versions
// A crash in an update comes within 16 writes, or 32, … or 1,024.
constexpr std::uint64_t kFewWrites = 16;
constexpr std::uint64_t kScales = 7;
constexpr double kCutShare = 0.75;
constexpr int kCutsMost = 4;

}  // namespace

FileEvents::FileEvents(VirtualWorld& world)
    : world_(world), random_(Random::stream(world.seed(), "files")) {}

void FileEvents::start() {
  ++epoch_;
  const auto& plan = world_.plan();
  for (auto* phone : world_.virtual_phones()) {
    schedule(*phone, plan.damage_mean, &FileEvents::damage);
    schedule(*phone, plan.update_mean, &FileEvents::update);
    schedule(*phone, plan.newest_mean, &FileEvents::downgrade);
  }
}

void FileEvents::stop() {
  ++epoch_;
  cuts_left_.clear();
  for (auto* phone : world_.virtual_phones()) {
    if (newer_.contains(phone)) upgrade_again(*phone);
  }
}

void FileEvents::schedule(VirtualPhone& phone, Duration mean, Strike strike) {
  if (mean.count() == 0) return;
  world_.after(faults::draw_around(random_, mean), [this, &phone, mean, strike, epoch = epoch_] {
    if (epoch != epoch_) return;
    (this->*strike)(phone);
    schedule(phone, mean, strike);
  });
}

bool FileEvents::switch_off(VirtualPhone& phone, std::string& partition) {
  const auto file = find_partition(phone.disk());
  if (!phone.is_running() || phone.disk().is_dead() || newer_.contains(&phone) || !file)
    return false;
  partition = *file;
  cuts_left_[&phone] = phone.disk().has_armed_crash() ? 1 : 0;
  world_.crash(phone, false);
  return true;
}

void FileEvents::damage(VirtualPhone& phone) {
  std::string partition;
  if (!switch_off(phone, partition)) return;
  if (damage_page(phone.disk(), partition, random_)) {
    world_.count(Fault::damaged_page);
    world_.trace(phone, "page damaged");
    world_.observe_files_changed(phone, FileChange::page_damaged);
  }
  boot_later(phone);
}

void FileEvents::update(VirtualPhone& phone) {
  std::string partition;
  if (!switch_off(phone, partition)) return;
  if (write_as_older(phone.disk(), partition)) {
    (void)write_as_older(phone.disk(), "/phone/device.db");
    world_.count(Fault::app_updated);
    world_.trace(phone, "app updated");
    world_.observe_files_changed(phone, FileChange::older);
    auto& cuts = cuts_left_[&phone];
    while (cuts < kCutsMost && random_.chance(kCutShare)) ++cuts;
  }
  boot_later(phone);
}

void FileEvents::downgrade(VirtualPhone& phone) {
  std::string partition;
  // Whoever is logged out would log in again and again.
  if (phone.session_status() != "authenticated" || !switch_off(phone, partition)) return;
  const auto version = version_of(phone.disk(), partition);
  if (version && set_version(phone.disk(), partition, *version + kNewerBy)) {
    newer_[&phone] = {partition, *version};
    world_.count(Fault::app_downgraded);
    world_.trace(phone, "app downgraded");
    world_.observe_files_changed(phone, FileChange::newer);
    world_.after(Duration{random_.between(40'000, 300'000)}, [this, &phone, epoch = epoch_] {
      if (epoch == epoch_) upgrade_again(phone);
    });
  }
  boot_later(phone);
}

void FileEvents::upgrade_again(VirtualPhone& phone) {
  const Newer newer = newer_.at(&phone);
  newer_.erase(&phone);
  if (phone.is_running()) world_.crash(phone, false);
  world_.observe_files_changed(phone, FileChange::as_before);
  (void)set_version(phone.disk(), newer.file, newer.version);
  world_.trace(phone, "newest app again");
  boot_later(phone);
}

void FileEvents::boot_later(VirtualPhone& phone) {
  world_.after(Duration{random_.between(500, 30'000)}, [this, &phone] { boot(phone); });
}

// Some of these crashes come while the engine opens its device.db, the others once its user's
// partition opens; those are the world's to bury.
void FileEvents::boot(VirtualPhone& phone) {
  if (phone.is_running()) return;
  auto& disk = phone.disk();
  auto& cuts = cuts_left_[&phone];
  if (cuts > 0) {
    --cuts;
    disk.crash_at(disk.io_operations() + random_.below(kFewWrites << random_.below(kScales)));
  }
  phone.boot();
  if (phone.is_running() || !disk.is_dead()) return;
  world_.crash(phone, random_.chance(0.5));
  boot_later(phone);
}

}  // namespace landfall::world
