#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/profile/attestation_rules.hpp"
#include "engine/profile/conflict_policy.hpp"
#include "engine/profile/endpoint.hpp"

namespace landfall::profile {

enum class Tier { pinned = 1, on_demand = 2, online = 3 };
enum class IdSource { client, server };

enum class ActionKind {
  create,       // no base version
  update,       // needs the version that it was made on
  commutative,  // declared safe on any version
  remove
};

// How an operation leaves (wire.md, "Push").
enum class Delivery {
  batch,     // with others in a push
  endpoint,  // in a call of its own
  group      // with all others of its group_id in one call with one attestation (P-55)
};

// What becomes of an operation that never left when the same action follows it in its lane.
enum class Coalesce {
  none,    // both go
  merge,   // one goes with the fields of both
  replace  // the newer one goes
};

enum class FieldType { string, integer, number, boolean, object, array };

// One field of an action's payload.
struct PayloadField {
  FieldType type = FieldType::string;
  bool required = false;
  std::optional<std::size_t>
      length_min;  // code points of a string without surrounding blanks, items of an array
  std::optional<std::size_t> length_max;
  std::optional<std::int64_t> value_min;  // of an integer or number
  std::optional<std::int64_t> value_max;
  std::vector<std::string> one_of;  // of a string; empty: any
  // The type of entity whose id a string is, or each item of an array; empty: none.
  std::string refers_to;
};

// How an operation that has no verdict yet is laid over the document it changes: first the
// payload's fields, then the constants, so that a constant wins.
struct OverlayRule {
  bool merge = false;   // the payload's fields replace those of the document's data
  bool remove = false;  // the document is shown as deleted
  SharedJson set;       // an object of constants; null: none
};

// From one version of a payload's form to the next: fields that are called otherwise now, fields
// that are gone, and what those that are new say where nobody said it.
struct Upcast {
  std::map<std::string, std::string> rename;  // the old name and the new one
  std::vector<std::string> remove;
  SharedJson set;  // an object; null: none
};

// Something the user can do to an entity.
struct Action {
  std::string name;
  ActionKind kind = ActionKind::update;
  Delivery delivery = Delivery::batch;
  std::string endpoint;  // that delivers it; empty: the push
  Coalesce coalesce = Coalesce::none;
  std::int64_t schema = 1;                 // version of the payload's form
  std::map<std::int64_t, Upcast> upcasts;  // by the version that each raises by one
  bool payload_open = false;               // fields that `payload` does not name are allowed
  std::map<std::string, PayloadField, std::less<>> payload;
  OverlayRule overlay;
  std::string permission;  // the right that its user needs; empty: none
  Attest attest = Attest::none;
};

// Checks a payload before it is acknowledged. Errors name the field under `path`: payload.missing,
// payload.type, payload.value (length, range or choice), payload.unknown_field.
[[nodiscard]] Status check_payload(const Action& action, const Json& payload,
                                   std::string_view path = "payload");

// A payload of an older version of the form in that of today; nothing when an upcast is missing or
// what comes out does not fit the action.
[[nodiscard]] std::optional<Json> upcast(const Action& action, std::int64_t schema, Json payload);

// One type of document.
struct Entity {
  std::string type;
  Tier tier = Tier::on_demand;
  std::string scope;                // the pull scope that carries it; empty: none
  IdSource ids = IdSource::server;  // who makes the id of a new one
  std::map<std::string, Action, std::less<>> actions;
  ConflictPolicy conflict;
  Duration max_age{0};               // for how long what the server last said counts as fresh
  std::vector<std::string> summary;  // fields of the data that a list shows; sealed
  std::vector<std::string> filter;   // fields of the data that lists are sorted and filtered by
  bool personal = false;             // a document's id is that of its user, who alone may have it
  std::string organisation_field;    // the member of the data that says whose it is; empty: none

  // The action of that name; null when there is none.
  [[nodiscard]] const Action* action(std::string_view action_name) const;
};

}  // namespace landfall::profile
