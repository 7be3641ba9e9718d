#include "ui_imgui/model/universe.hpp"

#include <utility>

namespace landfall::ui {
namespace {

world::WorldOptions options_of(std::uint64_t seed) {
  world::WorldOptions options;
  options.seed = seed;
  return options;
}

}  // namespace

Universe::Universe(std::uint64_t seed)
    : oracles_(std::make_unique<oracles::All>()),
      own_(std::make_unique<world::VirtualWorld>(options_of(seed))) {
  oracles_->join(*own_);
  const auto& user = backend::Backend::seed_users().front();
  // Logging in is the business of whoever sits before the window.
  own_->add_phone("phone", {user.id, user.email, user.password}).set_wants_session(false);
}

Universe::Universe(const scenario::Scenario& scenario)
    : stage_(std::make_unique<scenario::Stage>(scenario, nullptr)) {}

world::VirtualWorld& Universe::world() { return stage_ ? *stage_->virtual_world() : *own_; }

}  // namespace landfall::ui
