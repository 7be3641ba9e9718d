#include "simulator/demo/surroundings.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/base/assert.hpp"
#include "simulator/net/profile_routes.hpp"

namespace landfall::demo {

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code error;
  std::string pattern =
      (std::filesystem::temp_directory_path(error) / "landfall-demo-XXXXXX").string();
  if (!error && ::mkdtemp(pattern.data()) != nullptr) return TemporaryFolder(pattern);
  if (!error) error = {errno, std::generic_category()};
  return failure(ErrorClass::refused, "folder.unwritable",
                 "cannot make a temporary folder: " + error.message());
}

Surroundings::Surroundings(std::shared_ptr<const Profile> profile, TemporaryFolder folder,
                           const glue::DeviceClock& clock)
    : profile_(std::move(profile)), folder_(std::move(folder)), clock_(clock) {}

Result<std::unique_ptr<Surroundings>> Surroundings::open(std::shared_ptr<const Profile> profile,
                                                         std::uint64_t seed,
                                                         const glue::DeviceClock& clock,
                                                         Watchers watchers) {
  LANDFALL_TRY_ASSIGN(auto folder, TemporaryFolder::make());
  std::unique_ptr<Surroundings> around(
      new Surroundings(std::move(profile), std::move(folder), clock));
  backend::BackendOptions options;
  options.routes = net::routes_of(*around->profile_);
  options.database_path = around->folder() + "/backend.db";
  options.seed = seed;
  LANDFALL_TRY_ASSIGN(around->backend_, backend::Backend::open(std::move(options), around->random_,
                                                               around->clock_.now()));
  LANDFALL_TRY_ASSIGN(around->server_,
                      net::BackendServer::start(*around->backend_, around->clock_));

  LANDFALL_TRY_ASSIGN(around->proxy_,
                      net::FaultProxy::start(around->server_->origin(), around->clock_,
                                             around->proxy_options(seed, std::move(watchers))));
  return around;
}

net::FaultProxyOptions Surroundings::proxy_options(std::uint64_t seed, Watchers watchers) {
  net::FaultProxyOptions options;
  options.seed = seed;
  options.observer.on_fault = std::move(watchers.on_fault);
  options.observer.on_answer =
      [this, on_effects = std::move(watchers.on_effects)](const net::ProxiedAnswer& answer) {
        look_for_effects(answer.request, on_effects);
      };
  options.hooks.revoke_tokens = [this](const http::Request&) {
    server_->with_backend(
        [](backend::Backend& backend, Instant) { backend.revoke_access_tokens(user().id); });
  };
  options.hooks.purge_history = [this] {
    server_->with_backend([](backend::Backend& backend, Instant) { backend.purge_history(); });
  };
  return options;
}

void Surroundings::look_for_effects(const http::Request& request,
                                    const std::function<void(std::size_t)>& on_effects) {
  if (request.target != path_of("push")) return;
  std::size_t effects = 0;
  server_->with_backend(
      [&](backend::Backend& backend, Instant) { effects = backend.ledger().effects().size(); });
  if (effects > effects_) on_effects(effects - effects_);
  effects_ = effects;
}

const std::string& Surroundings::path_of(const std::string& endpoint) const {
  const auto* found = profile_->endpoint(endpoint);
  LANDFALL_ASSERT(found != nullptr);
  return found->path;
}

}  // namespace landfall::demo
