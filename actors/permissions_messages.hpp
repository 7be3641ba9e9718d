#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/cache_messages.hpp"
#include "actors/common_messages.hpp"
#include "actors/open_reply.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/permissions/permission_update.hpp"

namespace landfall::actors {

// The rights in the table are others than before.
struct PermissionsChanged {};

using PermissionsSubscriber = caf::typed_actor<caf::reacts_to<PermissionsChanged>>;

// The subscriber hears of every change from now on, and at once of whatever was before.
struct SubscribePermissions {
  PermissionsSubscriber subscriber;
};

// The arguments of the hub's `PermissionsUpdated`.
struct PermissionsUpdated {
  SharedJson arguments;
};

// The hub is there again, or a call met 403: what is known may be stale.
struct AskPermissions {};

// The user logged in again while their partition was open.
struct LoginGranted {
  permissions::Granted granted;
};

// How many forms the host has open.
struct FormsChanged {
  std::size_t open = 0;
};

// permissions.get: `right` and `role` may be empty.
struct ReadPermissions {
  std::string right;
  std::string role;
};

// permissions.subscribe: told under this number whenever one of these is granted or taken away. The
// actor replies to the host itself, so that no event of the subscription comes before the reply.
struct WatchRights {
  std::int64_t subscription = 0;
  std::vector<std::string> rights;
  Reply reply;
};
struct UnwatchRights {
  std::int64_t subscription = 0;
};

using PermissionsActor = caf::typed_actor<
    caf::reacts_to<SubscribePermissions>, caf::reacts_to<PermissionsUpdated>,
    caf::reacts_to<AskPermissions>, caf::reacts_to<LoginGranted>, caf::reacts_to<FormsChanged>,
    caf::replies_to<ReadPermissions>::with<Result<SharedJson>>, caf::reacts_to<WatchRights>,
    caf::replies_to<UnwatchRights>::with<Status>, caf::reacts_to<ConnectivityChanged>,
    caf::reacts_to<AuthChanged>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PermissionsChanged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::SubscribePermissions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PermissionsUpdated)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AskPermissions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::LoginGranted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::FormsChanged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ReadPermissions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::WatchRights)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::UnwatchRights)
