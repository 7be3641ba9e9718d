#include "simulator/oracles/all.hpp"

#include <memory>

#include <nlohmann/json.hpp>

#include "simulator/oracles/calls_in_flight.hpp"
#include "simulator/oracles/conflict_inbox.hpp"
#include "simulator/oracles/damaged_partition.hpp"
#include "simulator/oracles/delivered_files.hpp"
#include "simulator/oracles/durable_intent.hpp"
#include "simulator/oracles/durable_pair.hpp"
#include "simulator/oracles/ended_by_verdict.hpp"
#include "simulator/oracles/exactly_once.hpp"
#include "simulator/oracles/failed_sync.hpp"
#include "simulator/oracles/fifo_lanes.hpp"
#include "simulator/oracles/forgotten.hpp"
#include "simulator/oracles/fresh_nonces.hpp"
#include "simulator/oracles/full_disk.hpp"
#include "simulator/oracles/holds_nothing.hpp"
#include "simulator/oracles/honest_refusal.hpp"
#include "simulator/oracles/idle_lock.hpp"
#include "simulator/oracles/kept_in_cache.hpp"
#include "simulator/oracles/kept_over_logout.hpp"
#include "simulator/oracles/kept_session.hpp"
#include "simulator/oracles/known_documents.hpp"
#include "simulator/oracles/late_answers.hpp"
#include "simulator/oracles/locked_keys.hpp"
#include "simulator/oracles/newer_file.hpp"
#include "simulator/oracles/no_bypass.hpp"
#include "simulator/oracles/no_lost_operation.hpp"
#include "simulator/oracles/notified_once.hpp"
#include "simulator/oracles/offline_window.hpp"
#include "simulator/oracles/one_live_token.hpp"
#include "simulator/oracles/operation_book.hpp"
#include "simulator/oracles/outbox_rest.hpp"
#include "simulator/oracles/own_conflict.hpp"
#include "simulator/oracles/own_data_only.hpp"
#include "simulator/oracles/pin_lockout.hpp"
#include "simulator/oracles/read_your_writes.hpp"
#include "simulator/oracles/refresh_by_lifetime.hpp"
#include "simulator/oracles/removed_by_verdict.hpp"
#include "simulator/oracles/replayed_calls.hpp"
#include "simulator/oracles/retry_storm.hpp"
#include "simulator/oracles/retry_timeline.hpp"
#include "simulator/oracles/sealed_at_rest.hpp"
#include "simulator/oracles/sent_with_right.hpp"
#include "simulator/oracles/signed_decisions.hpp"
#include "simulator/oracles/single_refresh.hpp"
#include "simulator/oracles/sound_disk.hpp"
#include "simulator/oracles/whole_update.hpp"

namespace landfall::oracles {

// The book first: the others read in it what happened. Then who tells it what damage took.
All::All(Watch watch) {
  auto book = std::make_unique<OperationBook>();
  const OperationBook& read = *book;
  oracles_.push_back(std::move(book));
  if (watch == Watch::shared_phone) {
    add_for_shared_phone(read);
  } else {
    add_all(watch, read);
  }
}

void All::add_all(Watch watch, const OperationBook& read) {
  const bool is_virtual = watch != Watch::real_world;
  const bool keeps_data = watch != Watch::lossy_world;
  if (is_virtual) oracles_.push_back(std::make_unique<DamagedPartition>());
  oracles_.push_back(std::make_unique<NoLostOperation>());
  oracles_.push_back(std::make_unique<ExactlyOnce>(keeps_data));
  oracles_.push_back(std::make_unique<HonestRefusal>());
  if (keeps_data) oracles_.push_back(std::make_unique<FifoLanes>(read));
  if (is_virtual) oracles_.push_back(std::make_unique<CallsInFlight>());
  if (keeps_data) oracles_.push_back(std::make_unique<RemovedByVerdict>(read));
  if (watch == Watch::all) oracles_.push_back(std::make_unique<RetryTimeline>());
  oracles_.push_back(std::make_unique<RetryStorm>());
  oracles_.push_back(std::make_unique<SentWithRight>(read));
  oracles_.push_back(std::make_unique<SignedDecisions>(read));
  oracles_.push_back(std::make_unique<OutboxRest>(read));
  oracles_.push_back(std::make_unique<KnownDocuments>());
  // Behind the documents' oracle, whose pulls at the end bring every tier to its limit.
  if (watch == Watch::all) oracles_.push_back(std::make_unique<KeptInCache>(read));
  if (keeps_data) add_memories(read);
  if (is_virtual) add_disk_watchers();
  oracles_.push_back(std::make_unique<HoldsNothing>());
  oracles_.push_back(std::make_unique<SingleRefresh>());
  oracles_.push_back(std::make_unique<KeptSession>());
  if (keeps_data) oracles_.push_back(std::make_unique<NotifiedOnce>());
  if (keeps_data) oracles_.push_back(std::make_unique<DeliveredFiles>());
  oracles_.push_back(std::make_unique<PinLockout>());
  oracles_.push_back(std::make_unique<OfflineWindow>());
  oracles_.push_back(std::make_unique<IdleLock>());
  add_session_watchers(read, is_virtual);
}

// What compares instants does not watch a real world, whose observers see them too late.
void All::add_session_watchers(const OperationBook& read, bool is_virtual) {
  oracles_.push_back(std::make_unique<DurableIntent>());
  oracles_.push_back(std::make_unique<EndedByVerdict>());
  oracles_.push_back(std::make_unique<LockedKeys>());
  oracles_.push_back(std::make_unique<KeptOverLogout>(read));
  oracles_.push_back(std::make_unique<OwnDataOnly>());
  oracles_.push_back(std::make_unique<NoBypass>());
  if (!is_virtual) return;
  oracles_.push_back(std::make_unique<ReplayedCalls>());
  oracles_.push_back(std::make_unique<DurablePair>());
  oracles_.push_back(std::make_unique<OneLiveToken>());
  oracles_.push_back(std::make_unique<RefreshByLifetime>());
  oracles_.push_back(std::make_unique<LateAnswers>());
}

void All::add_for_shared_phone(const OperationBook& read) {
  oracles_.push_back(std::make_unique<NoLostOperation>());
  oracles_.push_back(std::make_unique<ExactlyOnce>());
  oracles_.push_back(std::make_unique<SoundDisk>());
  oracles_.push_back(std::make_unique<SealedAtRest>());
  oracles_.push_back(std::make_unique<FreshNonces>());
  add_session_watchers(read, true);
}

void All::add_memories(const OperationBook& read) {
  oracles_.push_back(std::make_unique<ConflictInbox>());
  oracles_.push_back(std::make_unique<ReadYourWrites>(read));
  oracles_.push_back(std::make_unique<OwnConflict>(read));
}

void All::add_disk_watchers() {
  oracles_.push_back(std::make_unique<SoundDisk>());
  oracles_.push_back(std::make_unique<FullDisk>());
  oracles_.push_back(std::make_unique<FailedSync>());
  oracles_.push_back(std::make_unique<NewerFile>());
  oracles_.push_back(std::make_unique<WholeUpdate>());
  oracles_.push_back(std::make_unique<SealedAtRest>());
  oracles_.push_back(std::make_unique<Forgotten>());
  oracles_.push_back(std::make_unique<FreshNonces>());
}

All::~All() = default;

void All::join(world::World& world) {
  for (const auto& oracle : oracles_) world.add_observer(*oracle);
}

}  // namespace landfall::oracles
