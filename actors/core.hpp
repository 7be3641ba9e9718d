#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <caf/error.hpp>
#include <caf/sec.hpp>

#include "actors/enqueue_door.hpp"
#include "actors/environment.hpp"
#include "actors/form_board.hpp"
#include "actors/log_mover_messages.hpp"
#include "actors/poll_queue.hpp"
#include "actors/repeat_board.hpp"
#include "actors/second_factor_board.hpp"
#include "actors/session_board.hpp"
#include "actors/slow_worker.hpp"
#include "actors/store_signals.hpp"
#include "actors/unlock_board.hpp"
#include "actors/window_board.hpp"
#include "engine/base/ids.hpp"
#include "engine/cache/memory_tier.hpp"
#include "engine/host/config.hpp"
#include "engine/http/request_coding.hpp"
#include "engine/profile/template.hpp"
#include "engine/store/database.hpp"
#include "engine/store/files.hpp"
#include "engine/store/sealer.hpp"

namespace landfall::actors {

// What every actor of one engine shares, fixed for its life.
struct Core {
  Environment environment;
  host::Config config;
  std::string device_id;     // made at install (P-21)
  profile::Variables facts;  // fills the profile's headers
  std::shared_ptr<PollQueue> poll_queue;
  std::shared_ptr<EnqueueDoor> enqueue_door;
  std::shared_ptr<StoreSignals> signals;
  std::shared_ptr<WindowBoard> windows = std::make_shared<WindowBoard>();
  std::shared_ptr<UnlockBoard> unlocks = std::make_shared<UnlockBoard>();
  std::shared_ptr<SlowWorker> slow_worker = std::make_shared<SlowWorker>();
  std::shared_ptr<FormBoard> forms = std::make_shared<FormBoard>();
  std::shared_ptr<SecondFactorBoard> challenges = std::make_shared<SecondFactorBoard>();
  std::shared_ptr<SessionBoard> sessions = std::make_shared<SessionBoard>();
  std::shared_ptr<RepeatBoard> repeats = std::make_shared<RepeatBoard>();
  // The transport's alone, of which there is one after the other: what it has learnt of the server
  // holds for the process.
  std::shared_ptr<http::RequestCoding> request_coding = std::make_shared<http::RequestCoding>();

  [[nodiscard]] Instant now() const { return environment.clock->now(); }
  [[nodiscard]] const Profile& profile() const { return *config.profile; }
  // `facts`, and what the session of this moment adds to them (I-29).
  [[nodiscard]] profile::Variables request_facts() const {
    return request_facts(sessions->organisation());
  }
  // The same for a request that is made for this organisation, whichever is active; empty: none.
  [[nodiscard]] profile::Variables request_facts(std::string organisation) const {
    profile::Variables known = facts;
    if (!organisation.empty())
      known.insert_or_assign(std::string{profile::kOrganisationVariable}, std::move(organisation));
    return known;
  }
  [[nodiscard]] store::Files& files() const { return *environment.disk.files; }
};
using SharedCore = std::shared_ptr<const Core>;

// An open partition: its file and its two keys. Its actors share it; it closes with the last of
// them.
struct PartitionStore {
  std::shared_ptr<store::Database> database;
  std::shared_ptr<store::Sealer> outbox_key;
  std::shared_ptr<store::Sealer> documents_key;
  std::shared_ptr<cache::MemoryTier> memory;  // of its documents; hears of the database's commits
  LogMoverActor log_mover;                    // lives as long as the partition's scope
};

// Has the log moved into the file when it has grown: a suspension closes the file within a second
// and has little left to move then.
template <class Self>
void shorten_log(Self* self, const PartitionStore& store) {
  const bool disk_is_low = self->state.core->signals->disk_is_low();
  if (store.database->log_became_long(disk_is_low)) self->send(store.log_mover, LogBecameLong{});
}

// A step that failed leaves its machine unusable: the actor ends, its scope is stopped, the store
// reopened and the scope spawned anew (architecture section 4). The code alone travels; a message
// could carry what a log must not.
template <class Self>
void fail_step(Self* self, const Error& error) {
  self->quit(caf::make_error(caf::sec::runtime_error, std::string{error.code}));
}

}  // namespace landfall::actors
