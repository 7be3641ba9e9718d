#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace landfall::profile {

// How one field is merged when both sides changed it (wire.md "Document and conflict"). Data here;
// what each means is engine/conflict's.
enum class FieldRule { server, mine, newer, sum_delta, max, set_union, forward_only, ask };

// The word that a profile uses: "server", "sum_delta", "union", …
[[nodiscard]] std::string_view to_string(FieldRule rule) noexcept;

// The states that a field goes through, early to late. It never goes back.
using StateOrder = std::vector<std::string>;

// An entity's rules for a conflict, by field. Checked when the profile is read: every forward_only
// field has an order that names all states its actions set, and a rule that counts or collects has
// fields of a type that can be counted or collected.
struct ConflictPolicy {
  FieldRule otherwise = FieldRule::server;  // of fields not named below
  std::map<std::string, FieldRule, std::less<>> fields;
  std::map<std::string, StateOrder, std::less<>> order;  // of forward_only fields
  // Actions that are never sent anew without the user's word, however well the fields merge: what
  // they decide was decided about the version that the user saw.
  std::set<std::string, std::less<>> confirm;

  [[nodiscard]] FieldRule rule_of(std::string_view field) const;
};

}  // namespace landfall::profile
