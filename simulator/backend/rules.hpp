#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/time.hpp"

namespace landfall::backend {

// A business refusal: ends the operation's id.
struct Rejection {
  std::string code;
  std::string message;
};

// What an action has to judge. `data` is the current document's, or an empty object for a create.
struct ActionInput {
  const EntityKey& entity;
  const Json& payload;
  const Json& data;
  std::string_view user_id;
  std::string_view operation_id;
  Instant now;
};

// What other documents an action may look at.
class Lookup {
 public:
  virtual ~Lookup() = default;
  [[nodiscard]] virtual bool exists(const EntityKey& key) = 0;
};

// The document's new data, or why not. Data holds at least the payload's fields where they stay,
// because a phone lays them over its own copy until it hears of the verdict, and nothing may
// flicker back (INV-Q14).
using Verdict = std::variant<Json, Rejection>;

enum class ActionKind {
  create,       // makes the document; needs no version
  versioned,    // decided against base_version or `after`
  commutative,  // applies to any version
  remove,       // versioned, and leaves a tombstone
  forbidden     // always rejected
};

struct ActionRule {
  std::string_view entity_type;
  std::string_view action;
  ActionKind kind;
  Verdict (*decide)(const ActionInput& input, Lookup& lookup);
};

// Whether base_version or `after` decides about it.
[[nodiscard]] bool needs_version(ActionKind kind);

// Nothing for an action that this backend does not know.
[[nodiscard]] const ActionRule* find_rule(std::string_view entity_type, std::string_view action);

// Whether a full pull names an entity with this data: an approval only while it is pending,
// anything else always.
[[nodiscard]] bool is_listed(std::string_view entity_type, const Json& data);

// Characters of UTF-8 text without leading and trailing white space; P-56 counts them.
[[nodiscard]] std::size_t count_characters(std::string_view text);

}  // namespace landfall::backend
