#include "actors/enqueue_door.hpp"

#include <utility>

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"
#include "engine/host/enqueue_text.hpp"
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

namespace {

void pretend_if_mutant(const OperationId& id, const Reply& reply) {
  if (mutant::is(mutant::Mutant::ack_before_commit)) reply->send_text(host::accepted_text({id}, 0));
}

void put(sync::PreparedEnqueue prepared, const Reply& reply, const EnqueueWay& way) {
  sync::seal_ahead(prepared, *way.outbox_key);
  auto enqueue = std::make_shared<Enqueue>(std::move(prepared), reply);
  if (way.box->put(std::move(enqueue))) caf::anon_send(way.queue, TakeEnqueues{});
}

}  // namespace

void hand_in(const Profile& profile, const Json& params, const Reply& reply,
             const EnqueueWay& way) {
  auto request = host::parse_enqueue(params);
  if (!request) return reply->send(failure(request.error()));
  pretend_if_mutant(request->id, reply);
  put(sync::prepare(profile, std::move(*request), params.at("payload")), reply, way);
}

void hand_in(const Profile& profile, host::EnqueueText operation, const Reply& reply,
             const EnqueueWay& way) {
  pretend_if_mutant(operation.request.id, reply);
  put(sync::prepare_text(profile, std::move(operation.request), operation.payload), reply, way);
}

}  // namespace landfall::actors
