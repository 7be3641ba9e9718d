#include "simulator/oracles/offline_window.hpp"

#include <nlohmann/json.hpp>

#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

// From a login's answer until it is stored, with a host that answers questions in its own time.
constexpr Duration kStoring{60'000};

}  // namespace

void OfflineWindow::on_answer(world::World& world, world::Phone& phone,
                              const http::Request& request, const http::Answer& answer) {
  const bool is_login =
      request.target == world.routes().login || request.target == world.routes().biometric;
  if (is_login && answer.response && answer.response->status == 200)
    last_login_[&phone] = world.now();
}

void OfflineWindow::on_guess_answered(world::World& world, world::Phone& phone, bool,
                                      const nlohmann::json& result) {
  if (result.value("locked", true)) return;
  const auto login = last_login_.find(&phone);
  const Duration window =
      std::chrono::hours{world.profile()["unlock"]["offline_hours"].get<std::int64_t>()};
  const bool is_late =
      login == last_login_.end() || world.now() - login->second > window + kStoring;
  if (!is_late) return;
  world.violate("INV-A9", phone.name() + " was opened by a PIN at " + format_rfc3339(world.now()) +
                              ", and its last login is longer ago than " +
                              std::to_string(window.count() / 3'600'000) + " h");
}

}  // namespace landfall::oracles
