#pragma once

#include <cstdint>
#include <memory>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/background_window_messages.hpp"
#include "actors/common_messages.hpp"
#include "engine/auth/session.hpp"
#include "engine/permissions/permission_update.hpp"
#include "engine/store/damage_report.hpp"
#include "engine/store/sealer.hpp"

namespace landfall::actors {

// What becomes of the session's calls that are on their way where no partition is open. Those of a
// partition that closes end in any case.
enum class OpenCalls { stay, end };

// What becomes of what the user may see of the server's: it stays, sealed, for when they are back,
// or it is removed, but for what unsettled operations refer to (C-22).
enum class ClosedCache { stays, cleared };

// Opens the partition of this user and spawns its scope; another one that is open is closed first.
// Answered when the engine is ready. The calls of the login that opens it are its user's.
struct OpenPartition {
  static constexpr OpenCalls kOpenCalls = OpenCalls::stay;

  auth::ActiveUser user;
  std::shared_ptr<store::Sealer> outbox_key;
  std::shared_ptr<store::Sealer> documents_key;
  std::shared_ptr<const permissions::Granted> granted = nullptr;  // by the login that opens it
};

// The key of this user's documents is locked: what waits in their outboxes, that of the active
// partition first, is sent with the outbox keys alone, until a partition is opened or closed.
// Answered when that has begun, at once where a partition is open or on its way.
struct DrainOutboxes {
  auth::ActiveUser user;
};

// Ends the session that is there: stops the partition scope, closes its files, and no call of the
// session's is on its way any more when it is answered. Where the cache cannot be cleared the
// partition is closed all the same.
struct ClosePartition {
  static constexpr OpenCalls kOpenCalls = OpenCalls::end;
  ClosedCache cache = ClosedCache::stays;
};

// A database met bytes that cannot be trusted (StoreSignals knows which).
struct StoreDamaged {};

// The host has this report.
struct DamageTold {
  store::DamageReport report;
};

// Stops everything in order. Answered when all files are closed.
struct Shutdown {};

// Who has the engine suspended or resumed: the host, or a background window that ends or begins. A
// window never suspends an engine whose host has come meanwhile (engine.in_use).
enum class Asker { host, window };

// Stops both scopes, closes every file and connection and gives the directory's lock up; `api`
// stays and refuses. Answered when all of it is done; also by an engine that is suspended already.
// What waits in mailboxes is handled first, for half of `deadline` (of the wall clock); what is
// left by then is answered as interrupted. Zero: for as long as it takes.
struct Suspend {
  Asker asker = Asker::host;
  Duration deadline{0};
};

// Half of a suspension's deadline is over.
struct HurrySuspension {
  std::uint64_t number = 0;
};

// Takes the lock again and opens what Suspend closed, as at a start. Answered when device.db is
// open; at once by an engine that is not suspended. Errors leave it suspended: directory.locked,
// directory.replaced, those of Database::open, engine.failed, engine.closing, and engine.suspended
// when it was suspended once more meanwhile.
struct Resume {
  Asker asker = Asker::host;
};

using SupervisorActor = caf::typed_actor<
    caf::replies_to<OpenPartition>::with<Status>, caf::replies_to<DrainOutboxes>::with<Status>,
    caf::replies_to<ClosePartition>::with<Status>, caf::replies_to<Shutdown>::with<Status>,
    caf::replies_to<Suspend>::with<Status>, caf::replies_to<Resume>::with<Status>,
    caf::replies_to<CountPending>::with<Result<std::int64_t>>, caf::reacts_to<StoreDamaged>,
    caf::reacts_to<DamageTold>, caf::reacts_to<RunWindow>, caf::reacts_to<HurrySuspension>,
    caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::OpenPartition)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::DrainOutboxes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ClosePartition)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::Shutdown)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::StoreDamaged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::DamageTold)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::Suspend)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::HurrySuspension)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::Resume)
