#pragma once

#include <string_view>

#include "engine/attachments/transfer.hpp"
#include "engine/http/message.hpp"
#include "engine/http/outcome.hpp"
#include "engine/profile/profile.hpp"

namespace landfall::attachments {

// What every step of a transfer is decided by.
struct StepContext {
  const Profile& profile;
  Instant now;
};

// What an answer means, by the one table (engine/http/outcome).
[[nodiscard]] http::Outcome outcome_of(const http::Answer& answer, const StepContext& context);

// The call brought bytes further: what went wrong before does not count any more.
void note_progress(Transfer& transfer);

// One failure more: after 5, 30 and 120 s again, then `failed` (P-31, P-32). `cause` is a code.
void note_failure(Transfer& transfer, std::string_view cause, const StepContext& context);

// The answer was no success. Waits, blocks, rejects, or counts a failure, as the table says.
void note_outcome(Transfer& transfer, const http::Outcome& outcome, const StepContext& context);

// What was there is not any more, all of it or some: a failure that progress does not take back. A
// transfer to which that happened more often than the ladder has steps has `failed`, however far it
// came in between; else a server that forgets would be sent the same bytes for ever.
void fall_back(Transfer& transfer, std::string_view cause, const StepContext& context);

// It has to begin again with its first byte. `step` is what that begins with.
void begin_again(Transfer& transfer, Step step, std::string_view cause, const StepContext& context);

void block(Transfer& transfer, Block reason, std::string_view cause);
// What it was blocked for is over: it goes on where it was. False: it was not blocked for that.
bool lift(Transfer& transfer, Block reason);
void reject(Transfer& transfer, std::string_view cause);
void settle(Transfer& transfer, State state, Instant now);

// As a restarted process believes its due time: clocks are set back.
void believe_due(Transfer& transfer, const StepContext& context);

}  // namespace landfall::attachments
