#include "ui_imgui/model/depth_history.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "simulator/world/world.hpp"

namespace landfall::ui {
namespace {

// Every second sample of the older half goes.
void thin(std::vector<DepthSample>& samples) {
  std::vector<DepthSample> kept;
  kept.reserve(samples.size());
  const std::size_t half = samples.size() / 2;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (i >= half || i % 2 == 0) kept.push_back(samples[i]);
  }
  samples = std::move(kept);
}

}  // namespace

bool is_waiting_state(const std::string& state) {
  return state == "queued" || state == "sending" || state == "unknown";
}

bool is_stuck_state(const std::string& state) { return state == "blocked" || state == "failed"; }

void DepthHistory::sample(const world::World& world, Track& track) {
  DepthSample now{world.now().unix_ms};
  for (const auto& [id, state] : track.unsettled)
    ++(is_stuck_state(state) ? now.stuck : now.waiting);
  auto& samples = track.shown.samples;
  if (!samples.empty() && samples.back().at_ms == now.at_ms) {
    samples.back() = now;
    return;
  }
  const bool is_same = !samples.empty() && samples.back().waiting == now.waiting &&
                       samples.back().stuck == now.stuck;
  if (is_same) return;
  samples.push_back(now);
  if (samples.size() > kSamplesMax) thin(samples);
}

void DepthHistory::begin(const world::World& world, Track& track, SpellKind kind) {
  auto& spells = track.shown.spells;
  const bool lasts = std::any_of(spells.begin(), spells.end(), [&](const SpellView& spell) {
    return spell.kind == kind && !spell.to_ms;
  });
  if (lasts) return;
  if (spells.size() == kSpellsMax) spells.erase(spells.begin());
  spells.push_back({kind, world.now().unix_ms, std::nullopt});
}

void DepthHistory::end(const world::World& world, Track& track, SpellKind kind) {
  for (auto& spell : track.shown.spells) {
    if (spell.kind == kind && !spell.to_ms) spell.to_ms = world.now().unix_ms;
  }
}

void DepthHistory::set_server_down(world::World& world, bool down) {
  for (const auto& phone : world.phones()) {
    Track& track = tracks_[phone.get()];
    if (down) {
      begin(world, track, SpellKind::server_down);
    } else {
      end(world, track, SpellKind::server_down);
    }
  }
}

void DepthHistory::on_acknowledged(world::World& world, world::Phone& phone,
                                   const world::Intent& intent, const nlohmann::json& result) {
  Track& track = tracks_[&phone];
  // A repeated acknowledgement may be of one that is settled already.
  if (!result.value("repeated", false)) track.unsettled.emplace(intent.id, "queued");
  sample(world, track);
}

void DepthHistory::on_event(world::World& world, world::Phone& phone, const std::string& event,
                            const nlohmann::json& data) {
  if (event != "operation.changed") return;
  Track& track = tracks_[&phone];
  const std::string id = data.value("id", "");
  const std::string state = data.value("state", "");
  if (is_waiting_state(state) || is_stuck_state(state)) {
    track.unsettled[id] = state;
  } else {
    track.unsettled.erase(id);
  }
  sample(world, track);
}

void DepthHistory::on_network(world::World& world, world::Phone& phone, bool up) {
  Track& track = tracks_[&phone];
  if (up) {
    end(world, track, SpellKind::network_down);
  } else {
    begin(world, track, SpellKind::network_down);
  }
}

void DepthHistory::on_crash(world::World& world, world::Phone& phone, bool power) {
  Track& track = tracks_[&phone];
  auto& crashes = track.shown.crashes;
  if (crashes.size() == kSpellsMax) crashes.erase(crashes.begin());
  crashes.push_back({world.now().unix_ms, power});
  begin(world, track, SpellKind::phone_off);
}

void DepthHistory::on_boot(world::World& world, world::Phone& phone) {
  Track& track = tracks_[&phone];
  end(world, track, SpellKind::phone_off);
  if (track.shown.samples.empty()) sample(world, track);
}

}  // namespace landfall::ui
