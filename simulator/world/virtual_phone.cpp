#include "simulator/world/virtual_phone.hpp"

#include <memory>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "mobile_glue/embed.hpp"
#include "schema/limits.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::world {
namespace {

constexpr const char* kDirectory = "/phone";

Draw draw_from(Random random) {
  return [random = std::make_shared<Random>(std::move(random))] { return random->next(); };
}

}  // namespace

VirtualPhone::VirtualPhone(VirtualWorld& world, std::string name, Account account,
                           std::uint64_t seed)
    : Phone(world, std::move(name), std::move(account), seed),
      world_(world),
      disk_(draw_from(Random::stream(seed, "disk/" + this->name())),
            [&world] { return world.now().unix_ms; }),
      network_(world, *this, seed),
      sockets_(world, *this, network_.faults(), seed) {}

VirtualPhone::~VirtualPhone() {
  if (is_running()) shut_down();
}

actors::Environment VirtualPhone::environment() {
  actors::Environment environment;
  environment.clock = &world_.clock();
  environment.scheduling = actors::Scheduling::stepped;
  environment.transport = &network_;
  environment.sockets = &sockets_;
  environment.disk.vfs = disk_.vfs_name();
  environment.disk.files = &disk_.files();
  environment.disk.lock = [this](const std::string& directory) -> Result<std::shared_ptr<void>> {
    auto lock = disk_.lock_directory(directory);
    if (!lock)
      return failure(ErrorClass::refused, "directory.locked", "another engine owns the directory");
    return std::static_pointer_cast<void>(std::make_shared<DirectoryLock>(std::move(*lock)));
  };
  environment.secure_random = &secure_random();
  environment.jitter_seed = random().next();
  return environment;
}

void VirtualPhone::boot() {
  LANDFALL_ASSERT(!is_running());
  const auto failed_syncs = disk_.faults_fired(IoKind::sync);
  begin_life();
  char* error = nullptr;
  landfall_engine* const engine = glue::open_embedded(
      dump_json(config(world_.profile_config(), kDirectory)).c_str(), environment(), &error);
  if (engine == nullptr) {
    const std::string reason = error != nullptr ? error : "";
    landfall_free_text(error);
    if (disk_.is_dead()) return;  // it crashed while it opened; the world boots it again
    // What a failed sync refused is told, and its host tries once more.
    if (disk_.faults_fired(IoKind::sync) > failed_syncs) return boot();
    world_.violate("boot", name() + " cannot open: " + reason);
    return;
  }
  runtime_ = glue::stepped_of(engine);
  on_opened(engine);
}

void VirtualPhone::count_step() {
  if (!steps_to_suspend_) return;
  if (*steps_to_suspend_ > 0) return void(--*steps_to_suspend_);
  steps_to_suspend_.reset();
  suspend();
}

void VirtualPhone::freeze() { frozen_at_ = world_.now(); }

// Some systems let the clock that timers go by run in deep sleep, others stop it.
void VirtualPhone::thaw() {
  const auto since = std::exchange(frozen_at_, std::nullopt);
  if (since && world_.draws_running_sleep()) runtime_->advance(world_.now() - *since);
}

void VirtualPhone::die(bool power) {
  frozen_at_.reset();
  comes_back_at.reset();
  steps_to_suspend_.reset();
  if (auto* const engine = end_life("dead")) glue::abandon(engine);
  runtime_ = nullptr;
  network_.forget_calls();
  sockets_.forget_all();
  world_.observe_crash(*this, power);
}

void VirtualPhone::shut_down() {
  frozen_at_.reset();
  landfall_close(end_life("closed"));
  runtime_ = nullptr;
  network_.forget_calls();
  sockets_.forget_all();
}

void VirtualPhone::fill_disk() {
  if (disk_.is_limited()) return;
  const auto ballast = disk_.read_file(std::string{kDirectory} + "/ballast");
  const std::uint64_t kept = ballast ? ballast->size() : 0;
  disk_.limit(disk_.used_bytes() - kept + static_cast<std::uint64_t>(limits::kBallastBytes));
}

void VirtualPhone::drain() {
  while (is_running()) {
    const char* text = landfall_poll(engine(), 0);
    if (text == nullptr) return;
    on_message(text);
  }
}

bool VirtualPhone::keys_are_locked() { return world_.strikes(faults::Fault::keys_locked); }

}  // namespace landfall::world
