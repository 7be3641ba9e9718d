#include "actors/api_operations.hpp"

#include <cstdint>
#include <utility>
#include <vector>

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include "actors/api_forward.hpp"
#include "engine/host/conflict_json.hpp"
#include "engine/host/operation_json.hpp"
#include "engine/store/conflict_table.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

void operation_command(ApiSelf self, UserWord word, const Json& params, const Reply& reply) {
  const auto id = host::parse_operation_id(params);
  if (!id) return reply->send(failure(id.error()));
  forward<Status>(self, self->state.partition->enqueues.queue,
                  OperationCommand{word, *id, params.value("accept_unknown", false)}, reply,
                  write_indeterminate(), nothing);
}

}  // namespace

// One that met a shut door: it was opened since, or there is a reason to refuse it.
void operations_enqueue(ApiSelf self, const Json& params, const Reply& reply) {
  hand_in(self->state.core->profile(), params, reply, self->state.partition->enqueues);
}

void operations_list(ApiSelf self, const Json& params, const Reply& reply) {
  sync::OperationQuery query;
  query.settled = params.value("settled", false);
  query.after_seq = params.value("after_seq", std::int64_t{0});
  query.limit = params.value("limit", limits::kListOperationsMax);
  query.with_payload = params.value("with_payload", false);
  forward<Result<sync::OperationPage>>(
      self, self->state.partition->enqueues.queue, ListOperations{query}, reply, read_interrupted(),
      [](const Result<sync::OperationPage>& page) { return host::operation_list_json(*page); });
}

void operations_counts(ApiSelf self, const Json&, const Reply& reply) {
  forward<Result<sync::OutboxCounts>>(
      self, self->state.partition->enqueues.queue, CountOperations{}, reply, read_interrupted(),
      [](const Result<sync::OutboxCounts>& counts) { return host::counts_json(*counts); });
}

void operations_explain(ApiSelf self, const Json& params, const Reply& reply) {
  const auto id = host::parse_operation_id(params);
  if (!id) return reply->send(failure(id.error()));
  forward<Result<sync::Explanation>>(self, self->state.partition->enqueues.queue,
                                     ExplainOperation{*id}, reply, read_interrupted(),
                                     [](const Result<sync::Explanation>& explanation) {
                                       return host::explanation_json(*explanation);
                                     });
}

void operations_retry(ApiSelf self, const Json& params, const Reply& reply) {
  operation_command(self, UserWord::retry, params, reply);
}
void operations_cancel(ApiSelf self, const Json& params, const Reply& reply) {
  operation_command(self, UserWord::cancel, params, reply);
}
void operations_discard(ApiSelf self, const Json& params, const Reply& reply) {
  operation_command(self, UserWord::discard, params, reply);
}

void notices_list(ApiSelf self, const Json&, const Reply& reply) {
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

void notices_seen(ApiSelf self, const Json& params, const Reply& reply) {
  forward<Status>(self, self->state.partition->enqueues.queue,
                  NoticesSeen{params.value("up_to", std::int64_t{0})}, reply, write_indeterminate(),
                  nothing);
}

// --- conflicts

void conflicts_list(ApiSelf self, const Json& params, const Reply& reply) {
  ListConflicts question;
  question.settled = params.value("settled", false);
  question.after_seq = params.value("after_seq", std::int64_t{0});
  question.limit = params.value("limit", limits::kListConflictsMax);
  forward<Result<store::ConflictPage>>(
      self, self->state.partition->enqueues.queue, question, reply, read_interrupted(),
      [](const Result<store::ConflictPage>& page) { return host::conflict_list_json(*page); });
}

void conflicts_resolve(ApiSelf self, const Json& params, const Reply& reply) {
  auto choice = host::parse_conflict_choice(params);
  if (!choice) return reply->send(failure(choice.error()));
  forward<Status>(self, self->state.partition->enqueues.queue, ResolveConflict{std::move(*choice)},
                  reply, write_indeterminate(), nothing);
}

void conflicts_reopen(ApiSelf self, const Json& params, const Reply& reply) {
  const auto id = host::parse_operation_id(params);
  if (!id) return reply->send(failure(id.error()));
  forward<Status>(self, self->state.partition->enqueues.queue, ReopenConflict{*id}, reply,
                  write_indeterminate(), nothing);
}

}  // namespace landfall::actors
