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
  expect_word(world, phone, kWithin);
}

void HoldsNothing::on_window(world::World& world, world::Phone& phone, Duration budget) {
  auto& suspension = phones_[&phone];
  go_on(world, phone, suspension);
  suspension = {suspension.number + 1, true, false, 0};
  expect_word(world, phone, budget + kWithin);
}

// Nothing that came between has made it needless.
void HoldsNothing::expect_word(world::World& world, const world::Phone& phone, Duration within) {
  world.after(within + world.lag(), [this, &world, &phone, number = phones_[&phone].number] {
    const auto& now = phones_[&phone];
    if (now.number != number || !now.is_asked || now.is_told) return;
    world.violate("INV-S8",
                  phone.name() + " is not suspended when it should long be" + when(world));
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
  auto& suspension = phones_[&phone];
  // A window that had nothing to do opened nothing, and its engine has nothing to say.
  if (!suspension.is_told) suspension.io_operations = phone.disk().io_operations();
  suspension.is_told = suspension.is_asked;
  if (suspension.is_told) judge_held(world, phone);
}

void HoldsNothing::on_resume(world::World& world, world::Phone& phone) {
  auto& suspension = phones_[&phone];
  go_on(world, phone, suspension);
  suspension.is_asked = suspension.is_told = false;
}

void HoldsNothing::go_on(world::World& world, world::Phone& phone, Suspension& suspension) {
  auto* const virtual_phone = dynamic_cast<world::VirtualPhone*>(&phone);
  if (!suspension.is_told || virtual_phone == nullptr) return;
  if (virtual_phone->disk().io_operations() == suspension.io_operations) return;
  world.violate("INV-S8",
                phone.name() + " changed its disk while it was suspended, before" + when(world));
}

void HoldsNothing::on_crash(world::World&, world::Phone& phone, bool) {
  auto& suspension = phones_[&phone];
  suspension.is_asked = suspension.is_told = false;
}

void HoldsNothing::on_request(world::World& world, world::Phone& phone,
                              const http::Request& request,
                              const std::vector<world::SentOperation>&) {
  judge_send(world, phone, request);
}

void HoldsNothing::on_socket(world::World& world, world::Phone& phone,
                             const http::Request& request) {
  judge_send(world, phone, request);
}

void HoldsNothing::judge_send(world::World& world, const world::Phone& phone,
                              const http::Request& request) {
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
  if (const auto open = phone.sockets().open(); open > 0) {
    world.violate("INV-S8", phone.name() + " is suspended with " + std::to_string(open) +
                                " sockets open" + when(world));
  }
}

}  // namespace landfall::oracles
