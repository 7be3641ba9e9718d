#pragma once

#include <optional>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/random.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/conflict/conflict.hpp"
#include "engine/sync/lost_operations.hpp"
#include "engine/sync/prepared_enqueue.hpp"

namespace landfall::sync {

class QueueStep;

// The operations that are to supersede lost ones: as many, in their order; nothing for one of which
// nothing is left. They stand on what the server has, and keep it as the base of the next merge.
using Heirs = std::vector<std::optional<PreparedEnqueue>>;

// Nothing when the profile refuses one of them. `resolution` is of that contest and is not open.
[[nodiscard]] std::optional<Heirs> make_heirs(const Profile& profile, SecureRandom& secure_random,
                                              const Lost& lost,
                                              const conflict::Resolution& resolution, Instant now);

enum class DecidedBy { rules, user };

// Puts the heirs in the place of the lost operations and returns their ids. There is room: as many
// leave the outbox as enter it, or more. What the rules made again counts from the moment in which
// its user meant it.
[[nodiscard]] Result<std::vector<OperationId>> supersede(QueueStep& step, const Lost& lost,
                                                         const Heirs& heirs, DecidedBy decided_by);

// The heirs of a decision that can still be taken back: nothing of it was sent, and nothing else
// stands on it. Errors: conflict.sent.
[[nodiscard]] Result<std::vector<Operation>> unsent_heirs(const store::Reader& reader,
                                                          const conflict::Conflict& conflict);

}  // namespace landfall::sync
