#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/delta_pull_messages.hpp"
#include "actors/open_reply.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/cache/cache_tiers.hpp"

namespace landfall::actors {

using SharedJson = std::shared_ptr<const Json>;

// documents.query, with its params. The actor replies to the host itself, which is one message less
// and needs no tree.
struct QueryDocuments {
  SharedJson params;
  Reply reply;
};

// documents.get and reads.get, with their params; answered when the server has answered, where it
// is asked.
struct GetDocument {
  SharedJson params;
};
struct GetRead {
  SharedJson params;
};

// cache.status.
struct ReadCacheStatus {};

// documents.subscribe, with its params. The actor replies to the host itself, so that no event of
// the subscription comes before the reply.
struct SubscribeDocuments {
  std::int64_t subscription = 0;  // unique in the engine's life
  SharedJson params;
  Reply reply;
};

// documents.unsubscribe.
struct UnsubscribeDocuments {
  std::int64_t subscription = 0;
};

// Each subscription that is open ends with this code.
struct EndSubscriptions {
  std::string code;
};

// A step was committed that may have changed what documents of the type show.
struct DocumentsTouched {
  std::string type;
};

// From the cache to itself: everything that was touched by now is looked at.
struct LookAtTouched {};

// From the supervisor: who fetches documents, and wants to know which of them are used.
struct DocumentsComeFrom {
  DeltaPullActor delta_pull;
};

// How many subscriptions are open. While it is zero nobody tells the cache what was touched, so
// that an operation does not wake one more actor.
using SharedSubscriberCount = std::shared_ptr<std::atomic<std::size_t>>;

using CacheActor = caf::typed_actor<
    caf::reacts_to<QueryDocuments>, caf::replies_to<GetDocument>::with<Result<SharedJson>>,
    caf::replies_to<GetRead>::with<Result<SharedJson>>,
    caf::replies_to<ReadCacheStatus>::with<Result<cache::CacheStatus>>,
    caf::reacts_to<SubscribeDocuments>, caf::replies_to<UnsubscribeDocuments>::with<Status>,
    caf::reacts_to<EndSubscriptions>, caf::reacts_to<DocumentsTouched>,
    caf::reacts_to<LookAtTouched>, caf::reacts_to<DocumentsComeFrom>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::QueryDocuments)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::GetDocument)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::GetRead)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ReadCacheStatus)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::SubscribeDocuments)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::UnsubscribeDocuments)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::EndSubscriptions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::DocumentsTouched)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::LookAtTouched)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::DocumentsComeFrom)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::cache::CacheStatus>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::actors::SharedJson>)
