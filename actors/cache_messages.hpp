#pragma once

#include <memory>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/cache/cache_tiers.hpp"

namespace landfall::actors {

using SharedJson = std::shared_ptr<const Json>;

// documents.query, with its params; answered with views.
struct QueryDocuments {
  SharedJson params;
};

// cache.status.
struct ReadCacheStatus {};

using CacheActor =
    caf::typed_actor<caf::replies_to<QueryDocuments>::with<Result<SharedJson>>,
                     caf::replies_to<ReadCacheStatus>::with<Result<cache::CacheStatus>>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::QueryDocuments)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ReadCacheStatus)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::cache::CacheStatus>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::actors::SharedJson>)
