#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"
#include "engine/auth/farewell.hpp"
#include "engine/auth/token_lifecycle.hpp"
#include "engine/store/sealer.hpp"

namespace landfall::actors {

// Loads a user's record after a start.
struct OpenTokens {
  std::shared_ptr<store::Sealer> key;
  std::string user_id;
};

// A login's pair; answered when it is durable.
struct StoreLogin {
  std::shared_ptr<store::Sealer> key;
  std::string user_id;
  std::shared_ptr<const auth::TokenPair> pair;
};

// Answered with a token to stamp, at once or when a refresh in flight is resolved. Errors:
// auth.none, auth.reauth, and auth.unavailable when the refresh could not be had now; nothing was
// lost then.
struct NeedToken {};

// A call with this generation met 401; answered like NeedToken, with a newer generation.
struct TokenRejected {
  std::int64_t generation = 0;
};

// A call with this generation was accepted.
struct TokenAccepted {
  std::int64_t generation = 0;
};

struct ClearTokens {};

// What a farewell needs, copied while it is there (C-15).
struct TakeTokens {};

using AuthSubscriber = caf::typed_actor<caf::reacts_to<AuthChanged>>;

// The subscriber gets AuthChanged now and at every change that is news.
struct SubscribeAuth {
  AuthSubscriber subscriber;
};

using AuthTokenActor = caf::typed_actor<
    caf::replies_to<OpenTokens>::with<Status>, caf::replies_to<StoreLogin>::with<Status>,
    caf::replies_to<NeedToken>::with<Result<auth::AccessToken>>,
    caf::replies_to<TokenRejected>::with<Result<auth::AccessToken>>, caf::reacts_to<TokenAccepted>,
    caf::replies_to<ClearTokens>::with<Status>,
    caf::replies_to<TakeTokens>::with<auth::SessionTokens>, caf::reacts_to<SubscribeAuth>,
    caf::reacts_to<ConnectivityChanged>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::OpenTokens)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::StoreLogin)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::NeedToken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::TokenRejected)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::TokenAccepted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ClearTokens)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::TakeTokens)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::SubscribeAuth)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::auth::AccessToken>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::auth::SessionTokens)
