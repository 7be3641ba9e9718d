#include "simulator/scenario/stage.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"

namespace landfall::scenario {
namespace {

// Fast enough that a scenario's delays are those it names.
constexpr Duration kLatencyHigh{80};

std::unique_ptr<world::World> make_virtual_world(const Scenario& scenario, std::FILE* trace_text) {
  world::WorldOptions options;
  options.seed = scenario.seed;
  options.plan.latency_high = kLatencyHigh;
  options.profile = scenario.profile;
  options.backend = scenario.backend;
  options.trace_text = trace_text;
  auto world = std::make_unique<world::VirtualWorld>(std::move(options));
  for (const auto& phone : scenario.phones)
    (void)world->add_phone(phone.name, account_of(scenario, phone));
  return world;
}

}  // namespace

const std::vector<backend::SeedUser>& users_of(const Scenario& scenario) {
  return scenario.backend.has_organisations ? backend::Backend::organisation_users()
                                            : backend::Backend::seed_users();
}

world::Account account_of(const Scenario& scenario, const ScenarioPhone& phone) {
  const auto& user = users_of(scenario)[phone.user];
  return {user.id, user.email, user.password};
}

Stage::Stage(const Scenario& scenario, std::FILE* trace_text)
    : Stage(scenario, make_virtual_world(scenario, trace_text), oracles::Watch::all) {
  virtual_world_ = static_cast<world::VirtualWorld*>(world_.get());
  crasher_.emplace(*virtual_world_);
  world_->add_observer(*crasher_);
}

Stage::Stage(const Scenario& scenario, std::unique_ptr<world::World> world, oracles::Watch watch)
    : oracles_(watch), world_(std::move(world)) {
  const auto profile = Profile::load(dump_json(scenario.profile));
  LANDFALL_ASSERT(profile.has_value());
  for (const auto& [name, endpoint] : profile->endpoints) paths_.emplace(name, endpoint.path);
  oracles_.join(*world_);
  world_->add_observer(recorder_);
  // A lost session must show: hosts log in when the scenario says so.
  for (const auto& phone : world_->phones()) phone->set_wants_session(false);
  names_.emplace(*world_);
}

world::Phone& Stage::phone(const std::string& name) {
  const auto found = std::find_if(world_->phones().begin(), world_->phones().end(),
                                  [&](const auto& phone) { return phone->name() == name; });
  LANDFALL_ASSERT(found != world_->phones().end());
  return **found;
}

const std::string& Stage::path_of(const std::string& endpoint) const { return paths_.at(endpoint); }

std::optional<Json> Stage::ask(world::Phone& phone, const std::string& request, const Json& params,
                               Duration within) {
  const auto reply = std::make_shared<std::optional<Json>>();
  phone.request(request, params, [reply](const Json& message) { *reply = message; });
  (void)world_->run_until(within, [&] { return reply->has_value() || !phone.is_running(); });
  return std::move(*reply);
}

}  // namespace landfall::scenario
