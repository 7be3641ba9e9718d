#include "mobile_glue/device_environment.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <utility>

#include "engine/base/secure_random.hpp"
#include "engine/store/directory_lock.hpp"
#include "mobile_glue/offline_transport.hpp"

namespace landfall::glue {
namespace {

// The wall clock is read once, so that engine time never goes back when somebody sets it. The
// monotonic clock stands still in deep sleep on some systems; then engine time is late until the
// next open.
class DeviceClock final : public actors::Clock {
 public:
  [[nodiscard]] Instant now() const override {
    return opened_at_ +
           std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - since_);
  }

 private:
  static Instant wall_clock() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return Instant{std::chrono::duration_cast<Duration>(since_epoch).count()};
  }

  const std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  const Instant opened_at_ = wall_clock();
};

struct Device {
  DeviceClock clock;
  LibsodiumRandom random;
  OfflineTransport transport;
};

std::uint64_t draw_seed(SecureRandom& random) {
  std::uint64_t seed = 0;
  random.fill(std::as_writable_bytes(std::span{&seed, 1}));
  return seed;
}

}  // namespace

Result<std::shared_ptr<void>> lock_directory(const std::string& directory) {
  LANDFALL_TRY_ASSIGN(auto lock, store::DirectoryLock::acquire(directory));
  LANDFALL_TRY(store::create_directory(directory + "/partitions"));
  return std::shared_ptr<void>(std::make_shared<store::DirectoryLock>(std::move(lock)));
}

Edges device_edges() {
  auto device = std::make_shared<Device>();
  actors::Environment environment;
  environment.clock = &device->clock;
  environment.scheduling = actors::Scheduling::pool;
  environment.transport = &device->transport;
  environment.disk.lock = lock_directory;
  environment.secure_random = &device->random;
  environment.jitter_seed = draw_seed(device->random);
  return {std::move(device), std::move(environment)};
}

}  // namespace landfall::glue
