#pragma once

#include <memory>
#include <optional>
#include <string>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/cache_messages.hpp"
#include "actors/common_messages.hpp"
#include "engine/auth/device_record.hpp"
#include "engine/store/sealer.hpp"

namespace landfall::actors {

// From session: somebody uses the engine from now on, and this key seals what is theirs.
struct UserPresent {
  std::string user_id;
  std::shared_ptr<store::Sealer> token_key;
  bool by_login = false;  // they have just proved who they are, to the server
};

// From session: nobody does any more.
struct UserLeft {};

// From session: the key of this user's attestations is another one than before, or gone. What
// somebody who comes has is on the board of the lock.
struct AttestationKeyChanged {
  std::string user_id;
  std::optional<std::string> key;  // in base64
};

// What the host says of its phone; answered when it is durable, where somebody is logged in whose
// key seals it. Said before that it counts for whoever logs in within the life of this process.
struct UpdateDevice {
  auth::DeviceFacts facts;
};
struct ReadDevice {};

using DevicesActor = caf::typed_actor<
    caf::reacts_to<UserPresent>, caf::reacts_to<UserLeft>, caf::reacts_to<AttestationKeyChanged>,
    caf::replies_to<UpdateDevice>::with<Result<SharedJson>>,
    caf::replies_to<ReadDevice>::with<Result<SharedJson>>, caf::reacts_to<ConnectivityChanged>,
    caf::reacts_to<AuthChanged>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::UserPresent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::UserLeft)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AttestationKeyChanged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::UpdateDevice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ReadDevice)
