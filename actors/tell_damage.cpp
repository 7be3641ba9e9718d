#include "actors/tell_damage.hpp"

#include <caf/send.hpp>

#include "actors/poll_queue.hpp"
#include "engine/host/outgoing.hpp"

namespace landfall::actors {

// Each is news of its own: the host must not miss one for the other.
void tell_damage(SupervisorSelf self, const std::vector<store::DamageReport>& reports) {
  for (const auto& report : reports) {
    const auto on_received = [to = caf::actor_cast<caf::weak_actor_ptr>(self), report] {
      const auto supervisor = to.lock();
      if (supervisor)
        caf::anon_send(caf::actor_cast<SupervisorActor>(supervisor), DamageTold{report});
    };
    self->state.core->poll_queue->push_kept_event("store.corrupt/" + report.kept_as,
                                                  host::event_around("store.corrupt", report.data),
                                                  on_received);
  }
}

// Which of the two it stands in is not asked: where it does not, nothing is written.
void on_damage_told(SupervisorState& state, const DamageTold& told) {
  const auto forget = [&](store::Database& database) {
    (void)database.write(
        "supervisor.damage_told", store::Durability::durable,
        [&](store::Transaction& tx) { return store::DamageReports::set_told(tx, told.report); });
  };
  if (state.directory.device) forget(*state.directory.device);
  if (state.partition) forget(*state.partition->store.database);
}

}  // namespace landfall::actors
