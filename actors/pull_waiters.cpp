#include "actors/pull_waiters.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace landfall::actors {
namespace {

bool names(const std::vector<EntityKey>& entities, const EntityKey& entity) {
  return std::find(entities.begin(), entities.end(), entity) != entities.end();
}

bool misses_any(const std::set<EntityKey>& missing, const std::vector<EntityKey>& entities) {
  return std::any_of(entities.begin(), entities.end(),
                     [&](const EntityKey& entity) { return missing.contains(entity); });
}

FetchedDocument brought(const sync::PullEffects& effects, const EntityKey& entity) {
  const auto found =
      std::find_if(effects.brought.begin(), effects.brought.end(),
                   [&](const sync::Document& document) { return document.entity == entity; });
  if (found == effects.brought.end()) return {};
  return {*found};
}

}  // namespace

void PullWaiters::wait_for_documents(std::set<EntityKey> missing, Answer<void> answer) {
  documents_.push_back({std::move(missing), std::move(answer)});
}

void PullWaiters::wait_for_document(EntityKey entity, Answer<FetchedDocument> answer) {
  one_document_.push_back({std::move(entity), std::move(answer)});
}

void PullWaiters::wait_for_list(std::uint64_t ticket, Answer<SharedList> answer) {
  lists_.push_back({ticket, std::move(answer)});
}

void PullWaiters::tell_documents(const sync::PullEffects& effects) {
  for (auto& each : documents_) {
    for (const auto& entity : effects.refreshed) each.missing.erase(entity);
    if (effects.failed_refresh && misses_any(each.missing, effects.not_refreshed)) {
      each.answer.deliver(failure(*effects.failed_refresh));
      each.missing.clear();
    } else if (each.missing.empty()) {
      each.answer.deliver(Status{});
    }
  }
  std::erase_if(documents_, [](const auto& each) { return each.missing.empty(); });
}

void PullWaiters::tell_document(const sync::PullEffects& effects) {
  for (auto& each : one_document_) {
    if (names(effects.refreshed, each.entity)) {
      each.answer.deliver(brought(effects, each.entity));
      each.done = true;
    } else if (effects.failed_refresh && names(effects.not_refreshed, each.entity)) {
      each.answer.deliver(failure(*effects.failed_refresh));
      each.done = true;
    }
  }
  std::erase_if(one_document_, [](const auto& each) { return each.done; });
}

void PullWaiters::tell_lists(const sync::PullEffects& effects) {
  for (const sync::ListOutcome& outcome : effects.lists) {
    Result<SharedList> told = failure(Error{});
    if (outcome.answer) {
      told = std::make_shared<const sync::ListAnswer>(*outcome.answer);
    } else {
      told = failure(outcome.answer.error());
    }
    for (auto& each : lists_) {
      if (each.ticket != outcome.ticket) continue;
      each.answer.deliver(told);
      each.done = true;
    }
  }
  std::erase_if(lists_, [](const auto& each) { return each.done; });
}

void PullWaiters::tell(const sync::PullEffects& effects) {
  tell_documents(effects);
  tell_document(effects);
  tell_lists(effects);
}

void PullWaiters::fail_all(const Error& error) {
  for (auto& each : std::exchange(documents_, {})) each.answer.deliver(failure(error));
  for (auto& each : std::exchange(one_document_, {})) each.answer.deliver(failure(error));
  for (auto& each : std::exchange(lists_, {})) each.answer.deliver(failure(error));
}

}  // namespace landfall::actors
