#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/http/api_call.hpp"
#include "engine/profile/entity.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/sync/operation.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::sync {

// How an operation leaves, and with whom: operations of equal ways may share a call, unless it is
// an endpoint's (wire.md "Push").
struct Way {
  profile::Delivery delivery = profile::Delivery::batch;
  std::string endpoint = "push";        // a name under `endpoints` in the profile
  std::optional<std::string> group_id;  // of delivery `group`

  friend bool operator==(const Way&, const Way&) = default;
};

// By the profile's word on the action. One of delivery `group` without a group, and one whose
// action the profile no longer has, go with a push.
[[nodiscard]] Way way_of(const Profile& profile, const Operation& operation);

// What a call that carries operations of that entity goes to, for RepeatPace: one text for a push,
// one for the calls of a group's endpoint, and one for each entity of an endpoint.
[[nodiscard]] std::string target_of(const Way& way, const EntityKey& entity);
// What a question for receipts goes to.
inline constexpr std::string_view kReceiptsTarget = "receipts";

// Whether any action of the profile leaves in a call of its own.
[[nodiscard]] bool has_endpoint_delivery(const Profile& profile);

// An operation with what is sent of it. `id` beside it because a planted fault sends another.
struct Outgoing {
  const Operation& operation;
  OperationId id;
  store::OperationContent content;
};

// One operation as it stands in a push, the same bytes each time.
[[nodiscard]] std::string wire_operation(const Outgoing& outgoing);

// What wire_operation takes at most for this operation, whether it will stand on another or on a
// version.
[[nodiscard]] std::int64_t wire_bytes_max(const Operation& operation,
                                          const store::OperationContentView& content);

// The call that carries these operations, which all go that way and are one for an endpoint.
//
// batch: {"device_id":"…","operations":[…]}. group: the same, with one attestation over the list
// beside it, where all carry the same one, and what the endpoint's body template adds. endpoint:
// the payload with what the template adds, the id as Idempotency-Key and the version that the
// operation stands on as If-Match.
[[nodiscard]] Result<http::ApiCall> call_of(const Profile& profile, const Way& way,
                                            std::string_view device_id,
                                            const std::vector<Outgoing>& operations);

}  // namespace landfall::sync
