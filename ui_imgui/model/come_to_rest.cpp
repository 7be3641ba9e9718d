#include "ui_imgui/model/come_to_rest.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "simulator/oracles/all.hpp"

namespace landfall::ui {
namespace {

constexpr Duration kRestMax{std::chrono::hours{3}};
constexpr Duration kRestCheck{std::chrono::seconds{20}};
constexpr Duration kOpenMax{std::chrono::seconds{10}};

void put_in_order(world::VirtualWorld& world) {
  faults::FaultPlan plan = world.plan();
  plan.per_call.clear();
  world.set_plan(std::move(plan));
  world.set_server_down(false);
  for (auto* phone : world.virtual_phones()) {
    phone->network().clear_script();
    phone->disk().disarm();
    phone->disk().heal();
    if (phone->is_running() && phone->disk().is_dead()) world.crash(*phone, false);
    if (!phone->is_running()) phone->boot();
    phone->resume();
    phone->set_network(true, true);
    phone->set_wants_session(true);
  }
}

// A login that waits for a choice waits for as long as nobody makes one: the first will do.
void choose_organisation(world::Phone& phone) {
  if (phone.session_status() != "organizationSelect") return;
  phone.request("session.status", nlohmann::json::object(), [&phone](const nlohmann::json& reply) {
    if (!reply.contains("result")) return;
    const auto organisations = reply["result"].value("organisations", nlohmann::json::array());
    if (organisations.empty()) return;
    phone.request("session.select_organisation",
                  {{"organisation", organisations.front().value("id", "")}});
  });
}

// A login that waits for a code comes no further: only its user has one.
bool is_idle(const world::Phone& phone) {
  const bool is_there = phone.is_ready() || phone.session_status() == "twoFactor";
  return phone.is_running() && is_there && !phone.has_open_intents();
}

bool is_at_rest(world::VirtualWorld& world) {
  const auto is_one_idle = [](const auto& phone) { return is_idle(*phone); };
  return std::all_of(world.phones().begin(), world.phones().end(), is_one_idle) &&
         oracles::outboxes_are_at_rest(world);
}

}  // namespace

void come_to_rest(world::VirtualWorld& world) {
  put_in_order(world);
  const auto has_told = [](const auto& phone) {
    return phone->is_ready() || phone->session_status() == "unauthenticated";
  };
  (void)world.run_until(kOpenMax, [&] {
    return std::all_of(world.phones().begin(), world.phones().end(), has_told);
  });
  for (const auto& phone : world.phones()) {
    const auto& status = phone->session_status();
    if (status == "unauthenticated" || status == "reauthRequired") phone->login();
  }
  for (Duration rested{0}; rested < kRestMax && !is_at_rest(world); rested += kRestCheck) {
    for (const auto& phone : world.phones()) choose_organisation(*phone);
    world.run_for(kRestCheck);
  }
  world.run_for(kRestCheck);
}

}  // namespace landfall::ui
