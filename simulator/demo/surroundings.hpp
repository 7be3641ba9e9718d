#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/result.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/profile/profile.hpp"
#include "mobile_glue/device_clock.hpp"
#include "simulator/backend/backend.hpp"
#include "simulator/net/backend_server.hpp"
#include "simulator/net/fault_proxy.hpp"
#include "simulator/real/temporary_folder.hpp"

namespace landfall::demo {

// Everything around the phone: the reference backend on a real port with its own database file, and
// the fault proxy in front of it, at one pace.
class Surroundings final {
 public:
  // Called on the proxy's thread.
  struct Watchers {
    std::function<void(const net::StruckFault&)> on_fault;
    // A push has changed documents: how many operations it was that changed one.
    std::function<void(std::size_t effects)> on_effects;
  };

  // The clock outlives it. Errors: folder.unwritable, backend.database, server.port.
  [[nodiscard]] static Result<std::unique_ptr<Surroundings>> open(
      std::shared_ptr<const Profile> profile, std::uint64_t seed, const glue::DeviceClock& clock,
      Watchers watchers);

  [[nodiscard]] std::string folder() const { return folder_.path().string(); }
  [[nodiscard]] const glue::DeviceClock& clock() const { return clock_; }
  [[nodiscard]] net::BackendServer& server() { return *server_; }
  [[nodiscard]] net::FaultProxy& proxy() { return *proxy_; }
  // The path of an endpoint that the profile has.
  [[nodiscard]] const std::string& path_of(const std::string& endpoint) const;
  // Who uses the phone.
  [[nodiscard]] static const backend::SeedUser& user() {
    return backend::Backend::seed_users().front();
  }

 private:
  Surroundings(std::shared_ptr<const Profile> profile, world::TemporaryFolder folder,
               const glue::DeviceClock& clock);

  [[nodiscard]] net::FaultProxyOptions proxy_options(std::uint64_t seed, Watchers watchers);
  void look_for_effects(const http::Request& request,
                        const std::function<void(std::size_t)>& on_effects);

  const std::shared_ptr<const Profile> profile_;
  const world::TemporaryFolder folder_;
  const glue::DeviceClock& clock_;
  LibsodiumRandom random_;
  std::unique_ptr<backend::Backend> backend_;
  std::unique_ptr<net::BackendServer> server_;
  std::size_t effects_ = 0;  // that were told; the proxy's thread
  std::unique_ptr<net::FaultProxy> proxy_;
};

}  // namespace landfall::demo
