#include "simulator/demo/surroundings.hpp"

#include <utility>

#include "engine/base/assert.hpp"
#include "simulator/net/profile_routes.hpp"

namespace landfall::demo {

Surroundings::Surroundings(std::shared_ptr<const Profile> profile, world::TemporaryFolder folder,
                           const glue::DeviceClock& clock)
    : profile_(std::move(profile)), folder_(std::move(folder)), clock_(clock) {}

Result<std::unique_ptr<Surroundings>> Surroundings::open(std::shared_ptr<const Profile> profile,
                                                         std::uint64_t seed,
                                                         const glue::DeviceClock& clock,
                                                         Watchers watchers) {
  LANDFALL_TRY_ASSIGN(auto folder, world::TemporaryFolder::make());
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
