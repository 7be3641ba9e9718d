#include "actors/api_routes.hpp"

#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_devices.hpp"
#include "actors/api_forward.hpp"
#include "actors/api_routing.hpp"
#include "actors/api_second_factor.hpp"
#include "actors/api_session.hpp"
#include "actors/api_unlock.hpp"
#include "engine/base/clock_suspect.hpp"
#include "engine/host/attachment_json.hpp"
#include "engine/host/conflict_json.hpp"
#include "engine/host/notification_json.hpp"
#include "engine/host/operation_json.hpp"
#include "engine/host/outgoing.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = ApiActor::stateful_pointer<ApiState>;

Json nothing(const Status&) { return Json::object(); }

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

// --- operations

// One that met a shut door: it was opened since, or there is a reason to refuse it.
void operations_enqueue(Self self, const Json& params, const Reply& reply) {
  hand_in(self->state.core->profile(), params, reply, self->state.partition->enqueues);
}

void operations_list(Self self, const Json& params, const Reply& reply) {
  ListOperations question;
  question.settled = params.value("settled", false);
  question.after_seq = params.value("after_seq", std::int64_t{0});
  question.limit = params.value("limit", limits::kListOperationsMax);
  forward<Result<std::vector<sync::Operation>>>(
      self, self->state.partition->enqueues.queue, question, reply, read_interrupted(),
      [](const Result<std::vector<sync::Operation>>& operations) {
        Json list = Json::array();
        for (const auto& operation : *operations) list.push_back(host::operation_json(operation));
        return Json{{"operations", std::move(list)}};
      });
}

void operations_counts(Self self, const Json&, const Reply& reply) {
  forward<Result<sync::OutboxCounts>>(
      self, self->state.partition->enqueues.queue, CountOperations{}, reply, read_interrupted(),
      [](const Result<sync::OutboxCounts>& counts) { return host::counts_json(*counts); });
}

void operations_explain(Self self, const Json& params, const Reply& reply) {
  const auto id = host::parse_operation_id(params);
  if (!id) return reply->send(failure(id.error()));
  forward<Result<sync::Explanation>>(self, self->state.partition->enqueues.queue,
                                     ExplainOperation{*id}, reply, read_interrupted(),
                                     [](const Result<sync::Explanation>& explanation) {
                                       return host::explanation_json(*explanation);
                                     });
}

void operation_command(Self self, UserWord word, const Json& params, const Reply& reply) {
  const auto id = host::parse_operation_id(params);
  if (!id) return reply->send(failure(id.error()));
  forward<Status>(self, self->state.partition->enqueues.queue,
                  OperationCommand{word, *id, params.value("accept_unknown", false)}, reply,
                  write_indeterminate(), nothing);
}

void operations_retry(Self self, const Json& params, const Reply& reply) {
  operation_command(self, UserWord::retry, params, reply);
}
void operations_cancel(Self self, const Json& params, const Reply& reply) {
  operation_command(self, UserWord::cancel, params, reply);
}
void operations_discard(Self self, const Json& params, const Reply& reply) {
  operation_command(self, UserWord::discard, params, reply);
}

void notices_list(Self self, const Json&, const Reply& reply) {
  forward<Result<std::vector<sync::Notice>>>(self, self->state.partition->enqueues.queue,
                                             ListNotices{}, reply, read_interrupted(),
                                             [](const Result<std::vector<sync::Notice>>& notices) {
                                               Json list = Json::array();
                                               for (const auto& notice : *notices) {
                                                 list.push_back(host::notice_json(notice));
                                               }
                                               return Json{{"notices", std::move(list)}};
                                             });
}

void notices_seen(Self self, const Json& params, const Reply& reply) {
  forward<Status>(self, self->state.partition->enqueues.queue,
                  NoticesSeen{params.value("up_to", std::int64_t{0})}, reply, write_indeterminate(),
                  nothing);
}

// --- conflicts

void conflicts_list(Self self, const Json& params, const Reply& reply) {
  ListConflicts question;
  question.settled = params.value("settled", false);
  question.after_seq = params.value("after_seq", std::int64_t{0});
  question.limit = params.value("limit", limits::kListConflictsMax);
  forward<Result<store::ConflictPage>>(
      self, self->state.partition->enqueues.queue, question, reply, read_interrupted(),
      [](const Result<store::ConflictPage>& page) { return host::conflict_list_json(*page); });
}

void conflicts_resolve(Self self, const Json& params, const Reply& reply) {
  auto choice = host::parse_conflict_choice(params);
  if (!choice) return reply->send(failure(choice.error()));
  forward<Status>(self, self->state.partition->enqueues.queue, ResolveConflict{std::move(*choice)},
                  reply, write_indeterminate(), nothing);
}

void conflicts_reopen(Self self, const Json& params, const Reply& reply) {
  const auto id = host::parse_operation_id(params);
  if (!id) return reply->send(failure(id.error()));
  forward<Status>(self, self->state.partition->enqueues.queue, ReopenConflict{*id}, reply,
                  write_indeterminate(), nothing);
}

// --- documents

void documents_query(Self self, const Json& params, const Reply& reply) {
  forward<Result<SharedJson>>(
      self, self->state.partition->cache, QueryDocuments{std::make_shared<const Json>(params)},
      reply, read_interrupted(), [](const Result<SharedJson>& views) { return **views; });
}

void documents_get(Self self, const Json& params, const Reply& reply) {
  forward<Result<SharedJson>>(
      self, self->state.partition->cache, GetDocument{std::make_shared<const Json>(params)}, reply,
      read_interrupted(), [](const Result<SharedJson>& document) { return **document; });
}

void reads_get(Self self, const Json& params, const Reply& reply) {
  forward<Result<SharedJson>>(
      self, self->state.partition->cache, GetRead{std::make_shared<const Json>(params)}, reply,
      read_interrupted(), [](const Result<SharedJson>& answer) { return **answer; });
}

// The host's own link to the server, or a push that nobody is to see, says so.
void data_changed(Self self, const Json& params, const Reply& reply) {
  self->send(self->state.partition->delta_pull,
             sync::DataChanged{{params.value("entity_type", ""), params.value("entity_id", "")},
                               params.value("row_version", std::int64_t{0})});
  reply->send(Json::object());
}

void documents_subscribe(Self self, const Json& params, const Reply& reply) {
  self->send(self->state.partition->cache,
             SubscribeDocuments{++self->state.last_subscription,
                                std::make_shared<const Json>(params), reply});
}

void documents_unsubscribe(Self self, const Json& params, const Reply& reply) {
  forward<Status>(self, self->state.partition->cache,
                  UnsubscribeDocuments{params.value("subscription", std::int64_t{0})}, reply,
                  read_interrupted(), nothing);
}

void documents_refresh(Self self, const Json& params, const Reply& reply) {
  RefreshDocuments question;
  for (const auto& entity : params.at("entities")) {
    question.entities.push_back({entity.value("entity_type", ""), entity.value("entity_id", "")});
  }
  self->send(self->state.device->session, NeedSession{});
  forward<Status>(self, self->state.partition->delta_pull, std::move(question), reply,
                  read_interrupted(), nothing);
}

Json tier_json(int tier, const cache::TierStatus& status) {
  return {{"tier", tier},
          {"bytes", status.sums.bytes},
          {"documents", status.sums.documents},
          {"bytes_max", status.bytes_max}};
}

void cache_status(Self self, const Json&, const Reply& reply) {
  forward<Result<cache::CacheStatus>>(
      self, self->state.partition->cache, ReadCacheStatus{}, reply, read_interrupted(),
      [](const Result<cache::CacheStatus>& status) {
        return Json{{"tiers", {tier_json(1, status->pinned), tier_json(2, status->on_demand)}},
                    {"beyond", status->beyond.kept},
                    {"missing", status->beyond.missing},
                    {"evicted",
                     {{"documents", status->evicted.documents}, {"bytes", status->evicted.bytes}}}};
      });
}

void cache_clear(Self self, const Json&, const Reply& reply) {
  const auto& files = self->state.partition->attachments;
  if (files) self->send(files, ClearKeptFiles{});
  forward<Result<store::ClearedDocuments>>(
      self, self->state.partition->delta_pull, ClearCache{}, reply, write_indeterminate(),
      [](const Result<store::ClearedDocuments>& cleared) {
        return Json{{"documents", cleared->removed}, {"kept", cleared->kept}};
      });
}

void sync_now(Self self, const Json&, const Reply& reply) {
  self->send(self->state.device->session, NeedSession{});
  self->send(self->state.partition->delta_pull, RequestPull{true});
  self->send(self->state.partition->enqueues.queue, PlanBatch{});
  reply->send(Json::object());
}

// --- attachments

// Refuses what the profile has nothing for.
bool serves_files(Self self, const Reply& reply) {
  if (self->state.partition->attachments) return true;
  reply->send(failure(ErrorClass::refused, "attachment.unsupported", "the app has no files"));
  return false;
}

Json transfer_json(const Result<attachments::TransferView>& view) {
  return host::attachment_json(*view);
}

void attachments_add(Self self, const Json& params, const Reply& reply) {
  if (!serves_files(self, reply)) return;
  auto request = host::parse_add_attachment(params);
  if (!request) return reply->send(failure(request.error()));
  auto path = host::parse_path(params);
  if (!path) return reply->send(failure(path.error()));
  forward<Result<attachments::TransferView>>(self, self->state.partition->attachments,
                                             AddAttachment{std::move(*request), std::move(*path)},
                                             reply, write_indeterminate(), transfer_json);
}

void downloads_start(Self self, const Json& params, const Reply& reply) {
  if (!serves_files(self, reply)) return;
  auto request = host::parse_start_download(params);
  if (!request) return reply->send(failure(request.error()));
  forward<Result<attachments::TransferView>>(self, self->state.partition->attachments,
                                             StartDownload{std::move(*request)}, reply,
                                             write_indeterminate(), transfer_json);
}

void attachments_open(Self self, const Json& params, const Reply& reply) {
  if (!serves_files(self, reply)) return;
  const auto id = host::parse_attachment_id(params);
  if (!id) return reply->send(failure(id.error()));
  auto path = host::parse_path(params, self->state.core->config.directory);
  if (!path) return reply->send(failure(path.error()));
  forward<Result<attachments::TransferView>>(self, self->state.partition->attachments,
                                             OpenAttachment{*id, std::move(*path)}, reply,
                                             read_interrupted(), transfer_json);
}

void attachments_list(Self self, const Json& params, const Reply& reply) {
  if (!serves_files(self, reply)) return;
  ListAttachments question;
  question.settled = params.value("settled", false);
  question.after_seq = params.value("after_seq", std::int64_t{0});
  question.limit = params.value("limit", limits::kListAttachmentsMax);
  forward<Result<std::vector<attachments::TransferView>>>(
      self, self->state.partition->attachments, question, reply, read_interrupted(),
      [](const Result<std::vector<attachments::TransferView>>& views) {
        Json list = Json::array();
        for (const auto& view : *views) list.push_back(host::attachment_json(view));
        return Json{{"attachments", std::move(list)}};
      });
}

void attachment_command(Self self, TransferWord word, const Json& params, const Reply& reply) {
  if (!serves_files(self, reply)) return;
  const auto id = host::parse_attachment_id(params);
  if (!id) return reply->send(failure(id.error()));
  forward<Status>(self, self->state.partition->attachments,
                  AttachmentCommand{word, *id, params.value("accept_unknown", false)}, reply,
                  write_indeterminate(), nothing);
}

void attachments_retry(Self self, const Json& params, const Reply& reply) {
  attachment_command(self, TransferWord::retry, params, reply);
}
void attachments_cancel(Self self, const Json& params, const Reply& reply) {
  attachment_command(self, TransferWord::cancel, params, reply);
}
void attachments_discard(Self self, const Json& params, const Reply& reply) {
  attachment_command(self, TransferWord::discard, params, reply);
}

// --- notifications

void push_received(Self self, const Json& params, const Reply& reply) {
  forward<Result<PushDecided>>(self, self->state.partition->notifications,
                               PushReceived{std::make_shared<const Json>(params.at("payload"))},
                               reply, write_indeterminate(),
                               [](const Result<PushDecided>& decided) {
                                 return host::decided_json(decided->decision, decided->id);
                               });
}

Json settings_json(const Result<notify::NotificationStatus>& now) {
  Json json{{"settings", notify::to_json(now->settings)},
            {"zone", now->zone},
            {"quiet", now->quiet_until.has_value()},
            {"waiting", now->waiting}};
  if (now->quiet_until) json["until"] = format_rfc3339(*now->quiet_until);
  return json;
}

void notifications_settings(Self self, const Json&, const Reply& reply) {
  forward<Result<notify::NotificationStatus>>(self, self->state.partition->notifications,
                                              ReadNotificationSettings{}, reply, read_interrupted(),
                                              settings_json);
}

void notifications_channels(Self self, const Json&, const Reply& reply) {
  reply->send(host::channels_json(self->state.core->profile().notifications));
}

// Nobody to tell is nobody who asked for the zone yet.
void zone_changed(Self self, const Json&, const Reply& reply) {
  if (self->state.partition) self->send(self->state.partition->notifications, ZoneChanged{});
  reply->send(Json::object());
}

// --- permissions

Error no_rights() {
  return {ErrorClass::invalid, "permissions.none", "this app's profile knows no rights"};
}

void permissions_get(Self self, const Json& params, const Reply& reply) {
  const auto& target = self->state.partition->permissions;
  if (!target) return reply->send(failure(no_rights()));
  forward<Result<SharedJson>>(
      self, target, ReadPermissions{params.value("permission", ""), params.value("role", "")},
      reply, read_interrupted(), [](const Result<SharedJson>& rights) { return **rights; });
}

void permissions_subscribe(Self self, const Json& params, const Reply& reply) {
  const auto& target = self->state.partition->permissions;
  if (!target) return reply->send(failure(no_rights()));
  WatchRights message{++self->state.last_subscription, {}, reply};
  for (const auto& right : params.at("permissions"))
    message.rights.push_back(right.value("name", ""));
  self->send(target, std::move(message));
}

void permissions_unsubscribe(Self self, const Json& params, const Reply& reply) {
  const auto& target = self->state.partition->permissions;
  if (!target) return reply->send(failure(no_rights()));
  forward<Status>(self, target, UnwatchRights{params.value("subscription", std::int64_t{0})}, reply,
                  read_interrupted(), nothing);
}

void tell_forms(Self self) {
  auto& state = self->state;
  if (state.partition && state.partition->permissions)
    self->send(state.partition->permissions, FormsChanged{state.core->forms->count()});
}

void form_opened(Self self, const Json& params, const Reply& reply) {
  if (!self->state.core->forms->open(params.value("form", ""))) {
    return reply->send(
        failure(ErrorClass::busy, "form.too_many", "too many forms are open; close one first"));
  }
  tell_forms(self);
  reply->send(Json::object());
}

void form_closed(Self self, const Json& params, const Reply& reply) {
  self->state.core->forms->close(params.value("form", ""));
  tell_forms(self);
  reply->send(Json::object());
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
