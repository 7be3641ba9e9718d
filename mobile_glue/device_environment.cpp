#include "mobile_glue/device_environment.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "actors/transport/http_transport.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/store/directory_lock.hpp"
#include "engine/store/sealed_files.hpp"

namespace landfall::glue {
namespace {

transport::TransportOptions options_of(const Profile& profile) {
  transport::TransportOptions options;
  options.rules = profile.trust;
  options.http_version = profile.http.version;
  return options;
}

struct Device {
  Device(std::optional<transport::Origin> origin, const Profile& profile, Pace pace)
      : clock(pace), transport(std::move(origin), clock, options_of(profile)) {}

  DeviceClock clock;
  LibsodiumRandom random;
  transport::HttpTransport transport;
};

// A profile without a server of its own, whose host names none either, is one that stays offline.
std::optional<transport::Origin> origin_of(const host::Config& config) {
  auto origin = transport::parse_origin(config.profile->origin);
  if (!origin) return std::nullopt;
  return std::move(*origin);
}

std::uint64_t draw_seed(SecureRandom& random) {
  std::uint64_t seed = 0;
  random.fill(std::as_writable_bytes(std::span{&seed, 1}));
  return seed;
}

}  // namespace

Result<std::shared_ptr<void>> lock_directory(const std::string& directory) {
  LANDFALL_TRY_ASSIGN(auto lock, store::DirectoryLock::acquire(directory));
  LANDFALL_TRY(store::create_directory(directory + "/partitions"));
  LANDFALL_TRY(store::create_directory(directory + std::string(store::kAttachmentsFolder)));
  return std::shared_ptr<void>(std::make_shared<store::DirectoryLock>(std::move(lock)));
}

Edges device_edges(const host::Config& config, Pace pace) {
  auto device = std::make_shared<Device>(origin_of(config), *config.profile, pace);
  actors::Environment environment;
  environment.clock = &device->clock;
  environment.scheduling = actors::Scheduling::pool;
  environment.transport = &device->transport;
  environment.sockets = &device->transport;
  environment.disk.lock = lock_directory;
  environment.secure_random = &device->random;
  environment.jitter_seed = draw_seed(device->random);
  return {std::move(device), std::move(environment)};
}

}  // namespace landfall::glue
