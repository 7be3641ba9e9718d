#include "engine/sync/delta_pull.hpp"

#include <utility>

#include "engine/profile/profile.hpp"
#include "engine/store/document_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/pull_error.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {

Result<ListAsked> DeltaPull::on_list(ListQuestion question, Instant now) {
  ListAsked asked;
  if (in_flight_ && in_flight_->list && in_flight_->list->question == question) {
    asked.ticket = in_flight_->list->ticket;
    proceed(asked.effects, now);
    return asked;
  }
  for (const AskedList& waiting : lists_) {
    if (waiting.question == question) asked.ticket = waiting.ticket;
  }
  if (asked.ticket == 0) {
    if (lists_.size() >= limits::kListQuestionsMax)
      return failure(ErrorClass::busy, "pull.busy", "Too many lists wait to be asked for.");
    asked.ticket = ++last_ticket_;
    lists_.push_back({asked.ticket, std::move(question)});
  }
  proceed(asked.effects, now);
  return asked;
}

void DeltaPull::ask_list(PullEffects& effects) {
  InFlight call;
  call.list = std::move(lists_.front());
  lists_.erase(lists_.begin());
  http::ApiCall api = list_call(parts_.profile, parts_.device_id, call.list->question);
  send(effects, std::move(call), std::move(api));
}

Status DeltaPull::on_list_answer(store::Transaction& tx, PullEffects& effects,
                                 const AskedList& asked, const http::Answer& answer, Instant now) {
  const http::Outcome outcome = outcome_of(answer, now);
  LANDFALL_TRY(heed(tx, outcome, now));
  if (outcome.fate != http::Fate::by_result) {
    effects.lists.push_back({asked.ticket, failure(pull_error(outcome))});
    return {};
  }
  auto list = parse_list(parts_.profile, asked.question, answer.response->body);
  if (list) {
    if (auto foreign = refuse_foreign(parts_.profile, parts_.owner, list->documents))
      list = failure(std::move(*foreign));
  }
  if (list) {
    LANDFALL_TRY(store_documents(tx, effects, list->documents, Origin{}, now));
    LANDFALL_TRY(keep_answer(tx, effects, asked.question, list->kept, now));
    LANDFALL_TRY(balance_tiers(tx, effects));
  }
  effects.lists.push_back({asked.ticket, std::move(list)});
  return {};
}

// The first page stands for the whole: it is what a screen shows first. The answer has no version
// of its own, so that this device counts how often it became another one.
Status DeltaPull::keep_answer(store::Transaction& tx, PullEffects& effects,
                              const ListQuestion& question, const std::string& kept, Instant now) {
  const profile::CachedRead* read = parts_.profile.cached_read(question.read);
  if (read == nullptr || question.after) return {};
  const EntityKey key{read->kept_as, read->name};
  LANDFALL_TRY_ASSIGN(const auto row_version, store::find_row_version(tx, key));
  if (row_version) {
    const auto stored = store::find_document(tx, parts_.documents_key, key);
    // One that does not open is replaced.
    if (stored && *stored && !(*stored)->deleted && (*stored)->data == kept)
      return store::confirm_document(tx, key, now).map([](bool) {});
  }
  const Document document{key, row_version.value_or(0) + 1, now, false, kept};
  return store_documents(tx, effects, {document}, Origin{}, now);
}

}  // namespace landfall::sync
