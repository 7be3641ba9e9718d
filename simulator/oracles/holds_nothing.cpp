#include "simulator/oracles/holds_nothing.hpp"

#include <chrono>

#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {
namespace {

constexpr Duration kWithin{std::chrono::seconds{1}};

std::string when(const world::World& world) { return " at " + format_rfc3339(world.now()); }

}  // namespace

void HoldsNothing::on_suspend(world::World& world, world::Phone& phone) {
  auto& suspension = phones_[&phone];
  suspension = {suspension.number + 1, true, false, 0};
  world.after(kWithin + world.lag(), [this, &world, &phone, number = suspension.number] {
    const auto& now = phones_[&phone];
    if (now.number != number || !now.is_asked || now.is_told) return;
    world.violate("INV-S8",
                  phone.name() + " is not suspended a second after it was asked" + when(world));
  });
}

void HoldsNothing::on_suspended(world::World& world, world::Phone& phone) {
  auto& suspension = phones_[&phone];
  if (!suspension.is_asked || suspension.is_told) return;
  suspension.is_told = true;
  auto* const virtual_phone = dynamic_cast<world::VirtualPhone*>(&phone);
  if (virtual_phone == nullptr) return;
  suspension.io_operations = virtual_phone->disk().io_operations();
  judge_held(world, *virtual_phone);
}

void HoldsNothing::on_frozen(world::VirtualWorld& world, world::VirtualPhone& phone) {
  if (phones_[&phone].is_told) judge_held(world, phone);
}

void HoldsNothing::on_resume(world::World& world, world::Phone& phone) {
  auto& suspension = phones_[&phone];
  auto* const virtual_phone = dynamic_cast<world::VirtualPhone*>(&phone);
  if (suspension.is_told && virtual_phone != nullptr)
    judge_writes(world, *virtual_phone, suspension);
  suspension.is_asked = suspension.is_told = false;
}

void HoldsNothing::on_crash(world::World&, world::Phone& phone, bool) {
  auto& suspension = phones_[&phone];
  suspension.is_asked = suspension.is_told = false;
}

void HoldsNothing::on_request(world::World& world, world::Phone& phone,
                              const http::Request& request,
                              const std::vector<world::SentOperation>&) {
  if (!phones_[&phone].is_told) return;
  world.violate("INV-S8", phone.name() + " sends " + request.method + " " + request.target +
                              " while it is suspended" + when(world));
}

void HoldsNothing::judge_held(world::World& world, world::VirtualPhone& phone) {
  for (const auto& name : phone.disk().held()) {
    world.violate("INV-S8", phone.name() + " is suspended and holds " + name + when(world));
  }
  if (const auto open = phone.network().open_calls(); open > 0) {
    world.violate("INV-S8", phone.name() + " is suspended with " + std::to_string(open) +
                                " calls under way" + when(world));
  }
}

void HoldsNothing::judge_writes(world::World& world, world::VirtualPhone& phone,
                                const Suspension& suspension) {
  if (phone.disk().io_operations() == suspension.io_operations) return;
  world.violate("INV-S8",
                phone.name() + " changed its disk while it was suspended, before" + when(world));
}

}  // namespace landfall::oracles
