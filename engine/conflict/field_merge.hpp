#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/profile/conflict_policy.hpp"

namespace landfall::conflict {

// Where the value of a field comes from.
enum class Taken {
  unchanged,  // nobody changed it, or both did the same to it
  mine,
  theirs,
  merged,  // made of both
  open     // nobody's yet: the user is asked
};

// Why a field is open.
enum class OpenReason {
  ask,           // the profile says so
  base_unknown,  // a difference is to be added, and nobody knows from what
  removed,       // one side removed it, the other changed it, and the rule needs two values
  type,          // the rule cannot be applied to values of these types
  state,         // a state that the profile's order does not name
  too_large      // the sum cannot be written
};

[[nodiscard]] std::string_view to_string(Taken taken) noexcept;
[[nodiscard]] std::string_view to_string(OpenReason reason) noexcept;

// One field as each side has it; null pointers where it is absent. An explicit null is a value of
// its own, but "absent" and null say the same thing when both sides changed the field.
struct FieldSides {
  const Json* base = nullptr;
  const Json* mine = nullptr;
  const Json* theirs = nullptr;
  bool base_known = true;  // false: what the user saw was not kept, and `base` is null
};

// One side of a field; null where it is absent, or `object` is none.
[[nodiscard]] const Json* member(const Json* object, std::string_view name);
// Its value; nothing where it is absent.
[[nodiscard]] std::optional<Json> copy_of(const Json* value);

struct FieldRules {
  profile::FieldRule rule = profile::FieldRule::server;
  const profile::StateOrder* order = nullptr;  // of a forward_only field
  bool mine_is_newer = false;
};

struct FieldMerge {
  Taken taken = Taken::unchanged;
  bool rule_fired = false;    // both sides changed it, or the rule overruled the one that did
  std::optional<Json> value;  // nothing: the field is absent; of an open one it is theirs
  OpenReason reason = OpenReason::ask;  // with `open`
};

// Whether both sides changed it and each has an object there: then it is merged member by member.
[[nodiscard]] bool is_merged_by_member(const FieldSides& sides);

// Merges one field. Whoever alone changed it is heard. Where both did:
//   server, mine    that side's value
//   newer           the side that was changed later; the server's when they are equal
//   sum_delta       theirs and what mine added to base; two equal changes are two changes
//   max             the greater number
//   union           a list without repetitions: theirs, without what mine removed, with what mine
//                   added, in that order; without a base, all of both
//   forward_only    the state that is further on; mine that alone went back is overruled, but what
//                   the server alone put back stays as the server has it
//   ask             open
// A rule that cannot be applied leaves the field open and says why.
[[nodiscard]] FieldMerge merge_field(const FieldSides& sides, const FieldRules& rules);

}  // namespace landfall::conflict
