#include "simulator/oracles/locked_keys.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/auth/remembered_login.hpp"
#include "simulator/oracles/token_pairs.hpp"

namespace landfall::oracles {

void LockedKeys::on_port_answered(world::World& world, world::Phone& phone, const std::string& port,
                                  const nlohmann::json& data, const nlohmann::json& answer) {
  Keys& keys = phones_[&phone];
  const auto name = data.value("name", "");
  // What a user wants remembered is no key, and each login may change it (C-14).
  if (name == auth::kCredentialsName) return;
  if (port == "secret.remove") {
    keys.known.erase(name);
    keys.given_up.erase(name);
  }
  if (port == "secret.read") {
    keys.is_locked = answer.value("status", "") == "locked";
    if (answer.value("status", "") == "value") keys.known[name] = answer.value("value", "");
  }
  if (port != "secret.write") return;
  const auto value = data.value("value", "");
  const auto [known, is_new] = keys.known.emplace(name, value);
  if (!is_new && known->second != value)
    world.violate("INV-A7", phone.name() + " makes the key " + name + " anew at " +
                                format_rfc3339(world.now()) + ", over the one that was there");
  known->second = value;
}

void LockedKeys::on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                           const http::Answer& answer) {
  Keys& keys = phones_[&phone];
  if (is_refresh(world, request) && is_verdict(world, answer)) keys.has_reason = true;
}

void LockedKeys::on_erase(world::World&, world::Phone& phone) {
  Keys& keys = phones_[&phone];
  ++keys.erases;
  // What was seen last is kept of a name that stands in both.
  keys.known.merge(keys.given_up);
  keys.given_up = std::exchange(keys.known, {});
}

// Nothing was begun: the keys that were there still are.
void LockedKeys::on_erase_refused(world::World&, world::Phone& phone) {
  Keys& keys = phones_[&phone];
  keys.erases = std::max(keys.erases - 1, 0);
  if (keys.erases == 0) keys.known.merge(std::exchange(keys.given_up, {}));
}

void LockedKeys::on_boot(world::World&, world::Phone& phone) { phones_[&phone].is_locked = false; }

void LockedKeys::on_event(world::World& world, world::Phone& phone, const std::string& event,
                          const nlohmann::json& data) {
  Keys& keys = phones_[&phone];
  if (event == "permissions.revoked" && data.value("ends_session", false)) keys.has_reason = true;
  if (event != "session.status") return;
  if (data.value("code", "") == "session.idle") keys.has_reason = true;
  const auto status = data.value("status", "");
  if (status == "authenticated") {
    // The same session said again, as when its view changes, takes back no erase.
    if (!keys.has_session) {
      keys.erases = 0;
      keys.given_up.clear();
    }
    keys.has_session = true;
    keys.has_reason = false;
  }
  // Hosts that log nobody in have users who log themselves out.
  const bool may_have_left = status == "unauthenticated" && !phone.wants_session();
  const bool has_ended = status == "unauthenticated" || status == "reauthRequired";
  if (!has_ended) return;
  const bool has_reason = keys.has_reason || keys.erases > 0 || may_have_left;
  if (keys.has_session && keys.is_locked && !has_reason)
    world.violate("INV-A7", phone.name() + "'s session became " + status + " at " +
                                format_rfc3339(world.now()) +
                                " while its secure storage was locked");
  keys.has_session = false;
}

}  // namespace landfall::oracles
