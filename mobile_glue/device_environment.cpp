#include "mobile_glue/device_environment.hpp"

#include <cstdint>
#include <span>
#include <utility>

#include "engine/base/secure_random.hpp"
#include "engine/store/directory_lock.hpp"
#include "mobile_glue/device_clock.hpp"
#include "mobile_glue/offline_transport.hpp"

namespace landfall::glue {
namespace {

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
