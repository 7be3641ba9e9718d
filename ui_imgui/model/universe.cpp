#include "ui_imgui/model/universe.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"
#include "simulator/net/profile_routes.hpp"

namespace landfall::ui {
namespace {

// As many as the window names on one line.
constexpr std::size_t kPhonesMax = 4;

world::WorldOptions options_of(std::uint64_t seed, const std::string& name) {
  const auto text = schema::profile(name);
  LANDFALL_ASSERT(text.has_value());
  const auto profile = Profile::load(*text);
  LANDFALL_ASSERT(profile.has_value());
  world::WorldOptions options;
  options.seed = seed;
  options.profile = name;
  options.backend = net::options_for(*profile);
  return options;
}

// "kofi" of kofi@almafrica.example
std::string short_name(const std::string& email) { return email.substr(0, email.find('@')); }

}  // namespace

// Logging in is the business of whoever sits before the window.
Universe::Universe(std::uint64_t seed, const std::string& profile)
    : oracles_(std::make_unique<oracles::All>()),
      own_(std::make_unique<world::VirtualWorld>(options_of(seed, profile))) {
  oracles_->join(*own_);
  const auto& users = backend::Backend::seed_users(own_->backend().options().dialect);
  const std::size_t count = profile == kDefaultProfile ? 1 : std::min(users.size(), kPhonesMax);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& user = users[i];
    const std::string name = count == 1 ? "phone" : short_name(user.email);
    own_->add_phone(name, {user.id, user.email, user.password}).set_wants_session(false);
  }
}

Universe::Universe(const scenario::Scenario& scenario)
    : stage_(std::make_unique<scenario::Stage>(scenario, nullptr)) {}

world::VirtualWorld& Universe::world() { return stage_ ? *stage_->virtual_world() : *own_; }

}  // namespace landfall::ui
