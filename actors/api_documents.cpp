#include "actors/api_documents.hpp"

#include <cstdint>
#include <memory>
#include <utility>

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include "actors/api_forward.hpp"

namespace landfall::actors {
namespace {

Json tier_json(int tier, const cache::TierStatus& status) {
  return {{"tier", tier},
          {"bytes", status.sums.bytes},
          {"documents", status.sums.documents},
          {"bytes_max", status.bytes_max}};
}

}  // namespace

void documents_query(ApiSelf self, const Json& params, const Reply& reply) {
  reply->set_if_lost(read_interrupted());
  self->send(self->state.partition->cache,
             QueryDocuments{std::make_shared<const Json>(params), reply});
}

void documents_get(ApiSelf self, const Json& params, const Reply& reply) {
  forward<Result<SharedJson>>(
      self, self->state.partition->cache, GetDocument{std::make_shared<const Json>(params)}, reply,
      read_interrupted(), [](const Result<SharedJson>& document) { return **document; });
}

void reads_get(ApiSelf self, const Json& params, const Reply& reply) {
  forward<Result<SharedJson>>(
      self, self->state.partition->cache, GetRead{std::make_shared<const Json>(params)}, reply,
      read_interrupted(), [](const Result<SharedJson>& answer) { return **answer; });
}

// The host's own link to the server, or a push that nobody is to see, says so.
void data_changed(ApiSelf self, const Json& params, const Reply& reply) {
  self->send(self->state.partition->delta_pull,
             sync::DataChanged{{params.value("entity_type", ""), params.value("entity_id", "")},
                               params.value("row_version", std::int64_t{0})});
  reply->send(Json::object());
}

void documents_subscribe(ApiSelf self, const Json& params, const Reply& reply) {
  self->send(self->state.partition->cache,
             SubscribeDocuments{++self->state.last_subscription,
                                std::make_shared<const Json>(params), reply});
}

void documents_unsubscribe(ApiSelf self, const Json& params, const Reply& reply) {
  forward<Status>(self, self->state.partition->cache,
                  UnsubscribeDocuments{params.value("subscription", std::int64_t{0})}, reply,
                  read_interrupted(), nothing);
}

void documents_refresh(ApiSelf self, const Json& params, const Reply& reply) {
  RefreshDocuments question;
  for (const auto& entity : params.at("entities")) {
    question.entities.push_back({entity.value("entity_type", ""), entity.value("entity_id", "")});
  }
  self->send(self->state.device->session, NeedSession{});
  forward<Status>(self, self->state.partition->delta_pull, std::move(question), reply,
                  read_interrupted(), nothing);
}

void cache_status(ApiSelf self, const Json&, const Reply& reply) {
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

void cache_clear(ApiSelf self, const Json&, const Reply& reply) {
  const auto& files = self->state.partition->attachments;
  if (files) self->send(files, ClearKeptFiles{});
  forward<Result<store::ClearedDocuments>>(
      self, self->state.partition->delta_pull, ClearCache{}, reply, write_indeterminate(),
      [](const Result<store::ClearedDocuments>& cleared) {
        return Json{{"documents", cleared->removed}, {"kept", cleared->kept}};
      });
}

void sync_now(ApiSelf self, const Json&, const Reply& reply) {
  self->send(self->state.device->session, NeedSession{});
  self->send(self->state.partition->delta_pull, RequestPull{true});
  self->send(self->state.partition->enqueues.queue, PlanBatch{});
  reply->send(Json::object());
}

}  // namespace landfall::actors
