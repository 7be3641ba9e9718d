#include "actors/enqueue_door.hpp"

#include <utility>

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"
#include "engine/host/operation_json.hpp"
#include "engine/profile/profile.hpp"

namespace landfall::actors {

void EnqueueDoor::open(EnqueueWay way) {
  const std::lock_guard lock(mutex_);
  way_ = std::move(way);
}

void EnqueueDoor::shut() {
  std::optional<EnqueueWay> way;  // goes after the lock does
  const std::lock_guard lock(mutex_);
  way_.swap(way);
}

std::optional<EnqueueWay> EnqueueDoor::enter() {
  const std::lock_guard lock(mutex_);
  if (way_ && by_way_of_api_ == 0) return way_;
  ++by_way_of_api_;
  return std::nullopt;
}

void EnqueueDoor::passed() {
  const std::lock_guard lock(mutex_);
  LANDFALL_ASSERT(by_way_of_api_ > 0);
  --by_way_of_api_;
}

void hand_in(const Profile& profile, const Json& params, const Reply& reply,
             const EnqueueWay& way) {
  auto request = host::parse_enqueue(params);
  if (!request) return reply->send(failure(request.error()));
  if (mutant::is(mutant::Mutant::ack_before_commit)) {
    reply->send(host::accepted_json({request->id}, 0));
  }
  auto prepared = sync::prepare(profile, std::move(*request), params.at("payload"));
  if (way.box->put({std::move(prepared), reply})) caf::anon_send(way.queue, TakeEnqueues{});
}

}  // namespace landfall::actors
