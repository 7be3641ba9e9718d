#include "simulator/net/proxy_spells.hpp"

#include <utility>

namespace landfall::net {

using faults::Fault;

ProxySpells::ProxySpells(std::uint64_t seed, Surroundings around)
    : around_(std::move(around)),
      spells_(Random::stream(seed, "spells/proxy")),
      others_(Random::stream(seed, "others/proxy")) {}

void ProxySpells::follow(const faults::FaultPlan& plan) {
  ++epoch_;
  is_offline_ = false;
  is_server_down_ = false;
  around_.changed();
  schedule(Fault::offline_spell, is_offline_, plan.online_mean, plan.offline_mean);
  schedule(Fault::server_down, is_server_down_, plan.well_mean, plan.down_mean);
  if (around_.edit_as_other && plan.chance_of(Fault::edited_by_other) > 0.0) schedule_edit();
}

void ProxySpells::schedule(Fault fault, bool& is_on, Duration well_mean, Duration bad_mean) {
  if (bad_mean.count() == 0) return;
  const Duration well = faults::draw_around(spells_, well_mean);
  const Duration bad = faults::draw_around(spells_, bad_mean);
  around_.after(well, [=, this, &is_on, epoch = epoch_] {
    if (epoch != epoch_) return;
    around_.begins(fault);
    is_on = true;
    around_.changed();
    around_.after(bad, [=, this, &is_on] {
      if (epoch != epoch_) return;
      is_on = false;
      around_.changed();
      schedule(fault, is_on, well_mean, bad_mean);
    });
  });
}

void ProxySpells::schedule_edit() {
  around_.after(Duration{others_.between(20'000, 120'000)}, [this, epoch = epoch_] {
    if (epoch != epoch_) return;
    around_.begins(Fault::edited_by_other);
    around_.edit_as_other(others_);
    schedule_edit();
  });
}

}  // namespace landfall::net
