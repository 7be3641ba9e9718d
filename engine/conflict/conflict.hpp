#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/conflict/resolve.hpp"

namespace landfall::conflict {

// The numbers are stored: append only.
enum class ConflictState {
  open = 0,         // the user is asked
  merged = 1,       // by the rules: operations were made that supersede the lost ones
  kept_theirs = 2,  // by the rules: nothing of mine was left to send
  chosen = 3,       // by the user: likewise superseded
  given_up = 4      // by the user: the server's version stays
};
[[nodiscard]] std::string_view to_string(ConflictState state) noexcept;

// A conflict in the inbox: which operation met it, what each side had, and what became of it. One
// an operation, for ever: what the rules decided without asking can be looked up as well.
struct Conflict {
  std::int64_t seq = 0;
  OperationId operation;  // the one that the server found in conflict; names the conflict
  EntityKey entity;
  ConflictState state = ConflictState::open;
  std::int64_t generation = 0;     // merges by rules in a row before this one, for one intent
  std::int64_t row_version = 0;    // of theirs
  std::vector<OperationId> lost;   // the operation and those that stood on it, in order
  std::vector<OperationId> heirs;  // the operations that supersede them, in order
  Instant created_at;
  bool taken_back = false;  // open again: what stood on the operation was superseded before
  Instant resolved_at;      // zero while it is open
  Json body;                // what `body_of` makes; sealed where it is stored
};

// {"base", "mine", "theirs", "deleted", "merged", "fields": [{"field", "taken", "rule"}],
// "open": [{"field", "rule", "reason"}], "reason", "mine_ms", "theirs_ms", "offset_ms"}: for the
// host to show, and enough to decide again. Never larger than kConflictBytesMax: `mine` and
// `merged` are null where they would make it so, and fields that are too many or too long to be
// listed are decided with all others alone (mine, theirs).
[[nodiscard]] Json body_of(const Contest& contest, const Resolution& resolution);
// The same, with the fields that were asked about before the user's word decided them.
[[nodiscard]] Json body_of(const Contest& contest, const Resolution& resolution,
                           const std::vector<OpenConflict>& asked);
// The contest again, but for its intents, which are in the outbox. Errors name the field.
[[nodiscard]] Result<Contest> contest_of(const Json& body);
// "note by ask, status by forward_only", or the reason that the user is asked.
[[nodiscard]] std::string question_of(const Json& body);

// The user's word in a conflict.
struct ConflictChoice {
  enum class Word {
    mine,     // mine in every open field; the rest as the rules have it
    theirs,   // the server's version stays, nothing is sent
    by_field  // as `fields` says, which names every open one
  };
  OperationId id;  // the operation that met the conflict
  Word word = Word::theirs;
  Choices fields;
  // Compact JSON: that the user was looked at for this choice (P-58). What goes again carries it
  // where its action asks for the app's word.
  std::optional<std::string> attestation;
};

// What the host is told.
struct ConflictChange {
  OperationId operation;
  EntityKey entity;
  ConflictState state = ConflictState::open;
  std::vector<std::string> open;  // paths of the open fields
  std::vector<OperationId> heirs;
};
[[nodiscard]] ConflictChange change_of(const Conflict& conflict);

}  // namespace landfall::conflict
