#include "simulator/demo/collect.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "simulator/demo/script.hpp"

namespace landfall::demo {
namespace {

constexpr std::int64_t kDocumentsMax = 500;  // more than the backend has of one type

void ask_phone(DemoPhone& phone, OperationRecord& operation, std::vector<std::string>& mishaps) {
  const auto told = phone.ask("operations.explain", {{"id", operation.id}});
  if (!told) {
    if (told.error().code != "operation.not_found")
      mishaps.push_back(operation.label + " cannot be explained: " + told.error().message);
    return;
  }
  const Json& stored = (*told)["operation"];
  operation.state = stored.value("state", "");
  operation.block_reason = stored.value("block_reason", "");
  operation.attempts = stored.value("attempts", 0);
  operation.causes = (*told)["causes"].get<std::vector<std::string>>();
  operation.would_help = told->value("would_help", "");
}

void ask_server(backend::Backend& backend, Instant now, OperationRecord& operation) {
  const auto& ledger = backend.ledger();
  operation.effects = ledger.effect_count(operation.id);
  operation.arrivals = static_cast<std::size_t>(
      std::count_if(ledger.sightings().begin(), ledger.sightings().end(),
                    [&](const auto& sighting) { return sighting.operation_id == operation.id; }));
  const auto receipt = backend.find_receipt(operation.id, now);
  if (receipt) operation.receipt = Json::parse(*receipt).value("status", "");
}

std::size_t count_exchanged(const backend::Ledger& ledger) {
  return static_cast<std::size_t>(std::count_if(
      ledger.refreshes().begin(), ledger.refreshes().end(),
      [](const auto& refresh) { return refresh.outcome == backend::RefreshOutcome::rotated; }));
}

void look_at_ledger(const backend::Ledger& ledger, Record& record) {
  std::set<std::string> accepted;
  for (const auto& operation : record.operations) accepted.insert(operation.id);
  for (const auto& effect : ledger.effects()) {
    if (!accepted.contains(effect.operation_id))
      record.foreign_effects.push_back(effect.operation_id);
  }
  record.server_effects = ledger.effects().size();
  record.refreshes = count_exchanged(ledger);
  record.concurrent_refreshes = ledger.concurrent_refreshes().size();
  record.server_violations = ledger.violations().size();
  if (ledger.dropped() > 0) record.mishaps.emplace_back("the server's ledger was full");
}

using Versions = std::map<EntityKey, std::int64_t>;

Versions versions_on_phone(DemoPhone& phone, const std::set<std::string>& types,
                           std::vector<std::string>& mishaps) {
  Versions versions;
  for (const auto& type : types) {
    const auto result = phone.ask("documents.query", {{"type", type}, {"limit", kDocumentsMax}});
    if (!result) {
      mishaps.push_back("the phone's " + type + "s cannot be read: " + result.error().message);
      continue;
    }
    for (const Json& document : (*result)["documents"]) {
      if (document["row_version"].is_null()) continue;
      versions[{type, document["entity_id"].get<std::string>()}] =
          document["row_version"].get<std::int64_t>();
    }
  }
  return versions;
}

// A phone in order has its first tier whole and what it has worked on, and of nothing an old
// version. What has left the server's list since may stay.
void compare_documents(backend::Backend& backend, const Versions& on_phone, Record& record) {
  std::set<EntityKey> keys;
  for (const auto& document : backend.tier1_documents(Surroundings::user().id))
    keys.insert(document.key);
  for (const auto& operation : record.operations) keys.insert(operation.entity);
  for (const auto& [key, version] : on_phone) keys.insert(key);
  for (const auto& key : keys) {
    DocumentRecord compared{key, std::nullopt, std::nullopt};
    const auto found = on_phone.find(key);
    if (found != on_phone.end()) compared.phone_version = found->second;
    const auto document = backend.find_document(key);
    if (document && !document->deleted) compared.server_version = document->row_version;
    if (!compared.phone_version && document && !document->listed) continue;
    record.documents.push_back(std::move(compared));
  }
}

}  // namespace

Record collect(Surroundings& around, DemoPhone& phone, const Story& story) {
  Record record;
  record.operations = story.accepted();
  for (auto& operation : record.operations) ask_phone(phone, operation, record.mishaps);
  std::set<std::string> types{"approval", "kpi", "notification", "user_profile", "po"};
  for (const auto& operation : record.operations) types.insert(operation.entity.type);
  const Versions on_phone = versions_on_phone(phone, types, record.mishaps);
  around.server().with_backend([&](backend::Backend& backend, Instant now) {
    for (auto& operation : record.operations) ask_server(backend, now, operation);
    look_at_ledger(backend.ledger(), record);
    compare_documents(backend, on_phone, record);
  });
  record.faults = around.proxy().counts();
  record.faults.add(story.own_faults());
  record.scripted = promised_faults();
  record.unstruck = around.proxy().scripted();
  return record;
}

}  // namespace landfall::demo
