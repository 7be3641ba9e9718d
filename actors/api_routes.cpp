#include "actors/api_routes.hpp"

#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_attachments.hpp"
#include "actors/api_devices.hpp"
#include "actors/api_documents.hpp"
#include "actors/api_forward.hpp"
#include "actors/api_notifications.hpp"
#include "actors/api_operations.hpp"
#include "actors/api_permissions.hpp"
#include "actors/api_routing.hpp"
#include "actors/api_second_factor.hpp"
#include "actors/api_session.hpp"
#include "actors/api_unlock.hpp"
#include "engine/base/clock_suspect.hpp"

namespace landfall::actors {
namespace {

using Self = ApiSelf;

// --- session

void session_login(Self self, const Json& params, const Reply& reply) {
  auto password = std::make_shared<const Secret<std::string>>(params.value("password", ""));
  const auth::RememberWish wish{params.value("remember", false),
                                params.value("remember_password", false)};
  forward<Result<SessionSnapshot>>(self, self->state.device->session,
                                   Login{params.value("email", ""), std::move(password), wish,
                                         params.value("with_remembered", false)},
                                   reply, write_indeterminate(), session_json(self));
}

void session_logout(Self self, const Json&, const Reply& reply) {
  forward<Result<SessionSnapshot>>(self, self->state.device->session, Logout{}, reply,
                                   write_indeterminate(), session_json(self));
}

void session_status(Self self, const Json&, const Reply& reply) {
  forward<Result<SessionSnapshot>>(self, self->state.device->session, ReadSession{}, reply,
                                   read_interrupted(), session_json(self));
}

void partition_erase(Self self, const Json& params, const Reply& reply) {
  forward<Result<Erased>>(self, self->state.device->eraser,
                          ErasePartition{params.value("discard_pending", std::int64_t{0})}, reply,
                          write_indeterminate(), [](const Result<Erased>& erased) {
                            return Json{{"erased", erased->operations}};
                          });
}

// --- engine

void engine_status(Self self, const Json&, const Reply& reply) {
  const auto& core = *self->state.core;
  reply->send(Json{{"state", to_string(self->state.engine_state)},
                   {"device_id", core.device_id},
                   {"update", update_json(self->state.update)},
                   {"clock_suspect", is_clock_suspect(core.now(), core.unlocks->clock_ahead())}});
}

void network_hint(Self self, const Json& params, const Reply& reply) {
  connectivity::Hint hint;
  hint.network = params.value("up", true) ? connectivity::Hint::Network::up
                                          : connectivity::Hint::Network::down;
  hint.metered = params.value("metered", false);
  self->send(self->state.device->connectivity, NetworkHint{hint});
  reply->send(Json::object());
}

// `unlocked`: the partition, and somebody at the phone who may see it and speak for its user.
enum class Needs { nothing, device, partition, unlocked };

struct Route {
  Needs needs;
  void (*handle)(Self, const Json&, const Reply&);
};

const std::map<std::string_view, Route>& routes() {
  static const std::map<std::string_view, Route> table = {
      {"activity.touch", {Needs::device, activity_touch}},
      {"app.foreground", {Needs::device, app_foreground}},
      {"attachments.add", {Needs::unlocked, attachments_add}},
      {"attachments.cancel", {Needs::unlocked, attachments_cancel}},
      {"attachments.discard", {Needs::unlocked, attachments_discard}},
      {"attachments.list", {Needs::unlocked, attachments_list}},
      {"attachments.open", {Needs::unlocked, attachments_open}},
      {"attachments.retry", {Needs::unlocked, attachments_retry}},
      {"cache.clear", {Needs::unlocked, cache_clear}},
      {"cache.status", {Needs::unlocked, cache_status}},
      {"conflicts.list", {Needs::unlocked, conflicts_list}},
      {"conflicts.reopen", {Needs::unlocked, conflicts_reopen}},
      {"conflicts.resolve", {Needs::unlocked, conflicts_resolve}},
      {"data.changed", {Needs::partition, data_changed}},
      {"device.status", {Needs::device, device_status}},
      {"device.update", {Needs::device, device_update}},
      {"documents.get", {Needs::unlocked, documents_get}},
      {"documents.query", {Needs::unlocked, documents_query}},
      {"documents.refresh", {Needs::unlocked, documents_refresh}},
      {"documents.subscribe", {Needs::unlocked, documents_subscribe}},
      {"documents.unsubscribe", {Needs::unlocked, documents_unsubscribe}},
      {"downloads.start", {Needs::unlocked, downloads_start}},
      {"engine.status", {Needs::nothing, engine_status}},
      {"form.closed", {Needs::nothing, form_closed}},
      {"form.opened", {Needs::nothing, form_opened}},
      {"network.hint", {Needs::device, network_hint}},
      {"notices.list", {Needs::unlocked, notices_list}},
      {"notices.seen", {Needs::unlocked, notices_seen}},
      {"notifications.channels", {Needs::nothing, notifications_channels}},
      {"notifications.settings", {Needs::unlocked, notifications_settings}},
      {"onboarding.done", {Needs::device, onboarding_done}},
      {"operations.attest", {Needs::unlocked, operations_attest}},
      {"operations.cancel", {Needs::unlocked, operations_cancel}},
      {"operations.counts", {Needs::unlocked, operations_counts}},
      {"operations.discard", {Needs::unlocked, operations_discard}},
      {kEnqueue, {Needs::unlocked, operations_enqueue}},
      {"operations.explain", {Needs::unlocked, operations_explain}},
      {"operations.list", {Needs::unlocked, operations_list}},
      {"operations.retry", {Needs::unlocked, operations_retry}},
      {"partition.erase", {Needs::device, partition_erase}},
      {"permissions.get", {Needs::unlocked, permissions_get}},
      {"permissions.subscribe", {Needs::unlocked, permissions_subscribe}},
      {"permissions.unsubscribe", {Needs::unlocked, permissions_unsubscribe}},
      {"push.received", {Needs::partition, push_received}},
      {"reads.get", {Needs::unlocked, reads_get}},
      {"routing.set_role", {Needs::unlocked, routing_set_role}},
      {"routing.start", {Needs::device, routing_start}},
      {"second_factor.backup_codes", {Needs::unlocked, second_factor_backup_codes}},
      {"second_factor.disable", {Needs::unlocked, second_factor_disable}},
      {"second_factor.setup", {Needs::unlocked, second_factor_setup}},
      {"second_factor.verify", {Needs::unlocked, second_factor_verify}},
      {"session.login", {Needs::device, session_login}},
      {"session.logout", {Needs::device, session_logout}},
      {"session.second_factor", {Needs::device, session_second_factor}},
      {"session.second_factor_send", {Needs::device, session_second_factor_send}},
      {"session.register", {Needs::device, session_register}},
      {"session.select_organisation", {Needs::device, session_select_organisation}},
      {"session.status", {Needs::device, session_status}},
      {"session.switch_organisation", {Needs::device, session_switch_organisation}},
      {"sync.now", {Needs::partition, sync_now}},
      {"unlock.biometric", {Needs::device, unlock_biometric}},
      {"unlock.biometric_enrol", {Needs::device, unlock_biometric_enrol}},
      {"unlock.change_pin", {Needs::device, unlock_change_pin}},
      {"unlock.import_pin", {Needs::device, unlock_import_pin}},
      {"unlock.lock", {Needs::device, unlock_lock}},
      {"unlock.pin", {Needs::device, unlock_pin}},
      {"unlock.remove", {Needs::device, unlock_remove}},
      {"unlock.set_pin", {Needs::device, unlock_set_pin}},
      {"unlock.status", {Needs::device, unlock_status}},
      {"user.get", {Needs::unlocked, user_get}},
      {"zone.changed", {Needs::nothing, zone_changed}},
  };
  return table;
}

// What stands in the way of a request now, if anything.
Status may_serve(const ApiState& state, Needs needs) {
  if (state.closing) return failure(ErrorClass::busy, "engine.closing", "the engine is closing");
  if (needs == Needs::nothing) return {};
  if (state.paused && state.engine_state != EngineState::failed) {
    return failure(ErrorClass::busy, "engine.suspended",
                   "the engine is suspended; nothing was taken, ask again once it was resumed");
  }
  if (state.engine_state == EngineState::failed) {
    return failure(ErrorClass::internal, "engine.failed",
                   "the engine has stopped after repeated failures");
  }
  const bool is_opening = state.engine_state == EngineState::opening;
  const bool needs_partition = needs == Needs::partition || needs == Needs::unlocked;
  if (!state.device || (needs_partition && !state.partition && is_opening))
    return failure(ErrorClass::busy, "engine.opening", "the engine is still opening");
  if (needs_partition && !state.partition) {
    return failure(ErrorClass::auth, "engine.locked",
                   "nobody is logged in, or their data is locked");
  }
  if (needs == Needs::unlocked && state.is_locked) {
    return failure(ErrorClass::refused, "session.locked",
                   "unlock the app first; what waits is sent all the same");
  }
  return {};
}

void serve(Self self, const HostRequest& request) {
  const auto reply =
      std::make_shared<OpenReply>(self->state.core->poll_queue, request.request.id, request.ticket);
  const auto found = routes().find(request.request.name);
  if (found == routes().end()) {
    return reply->send(failure(ErrorClass::invalid, "request.unknown", "there is no such request"));
  }
  if (auto served = may_serve(self->state, found->second.needs); !served) {
    return reply->send(failure(served.error()));
  }
  found->second.handle(self, *request.request.params, reply);
}

}  // namespace

void route(Self self, const HostRequest& request) {
  serve(self, request);
  if (request.request.name == kEnqueue) self->state.core->enqueue_door->passed();
}

}  // namespace landfall::actors
