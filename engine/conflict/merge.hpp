#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/base/time.hpp"
#include "engine/conflict/field_merge.hpp"
#include "engine/profile/conflict_policy.hpp"

namespace landfall::conflict {

// The data of one document, three times.
struct MergeInput {
  const Json* base = nullptr;  // an object; null: what the user saw is not known
  const Json* mine = nullptr;  // objects
  const Json* theirs = nullptr;
};

// When each side was changed, for `newer`. The device's clock is corrected by what the server's is
// ahead of it.
struct MergeTimes {
  Instant mine_at;
  Instant theirs_at;
  Duration server_offset{0};

  [[nodiscard]] bool mine_is_newer() const { return mine_at + server_offset > theirs_at; }
};

// What became of one field that somebody changed. `field` is its path: names joined by dots, a dot
// or a backslash inside a name behind a backslash.
struct FieldOutcome {
  std::string field;
  Taken taken = Taken::unchanged;
  std::optional<profile::FieldRule> rule;  // nothing: only one side changed it, or both agreed
};

// A field that waits for the user, with all three.
struct OpenConflict {
  std::string field;
  profile::FieldRule rule = profile::FieldRule::ask;
  OpenReason reason = OpenReason::ask;
  std::optional<Json> base;  // nothing: absent, or not known
  std::optional<Json> mine;
  std::optional<Json> theirs;
};

struct MergeResult {
  Json document;                     // an object; an open field has theirs
  std::vector<FieldOutcome> fields;  // of those that somebody changed, in the order of their names
  std::vector<OpenConflict> open;
};

// Which side the user took in each open field, by path.
enum class Side { mine, theirs };
using Choices = std::map<std::string, Side, std::less<>>;

// The three-way merge of one document by its profile's rules (P-29; wire.md "Document and
// conflict"). Pure, and the same answer for the same arguments, always. A field that both sides
// changed and that holds an object on both is merged member by member under the field's rule, down
// to paths of kMergePathBytesMax; lists are values of their own. Fields named in `choices` take
// that side wherever they would be open.
//
// For every rule: merge(b, b, t) = t and merge(b, m, m) = m, but that sum_delta counts m twice; and
// merge(b, m, b) = m, but that forward_only never goes back. What is merged stays: merge(t, r, t) =
// r for the result r. sum_delta of whole numbers, max and union are associative and commutative
// (union: as sets), so that it does not matter in which order phones arrive.
[[nodiscard]] MergeResult merge(const profile::ConflictPolicy& policy, const MergeInput& input,
                                const MergeTimes& times, const Choices& choices = {});

}  // namespace landfall::conflict
