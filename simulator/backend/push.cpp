#include "simulator/backend/push.hpp"

#include <algorithm>
#include <utility>

#include "simulator/backend/field_rules.hpp"
#include "simulator/backend/reply.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kBodyBytesMax = 4U * 1024U * 1024U;
// For so long a phone may take to say the key that it signs with.
constexpr std::int64_t kKeyWaitS = 5;

std::string result_head(const std::string& id, std::string_view status) {
  return "{\"id\":" + json_string(id) + ",\"status\":\"" + std::string{status} + "\"";
}

Push::Outcome rejection(const std::string& id, const Rejection& why) {
  return {"rejected", result_head(id, "rejected") +
                          ",\"error\":{\"code\":" + json_string(why.code) +
                          ",\"message\":" + json_string(why.message) + "}}"};
}

Push::Outcome retry(const std::string& id, std::string_view reason,
                    std::optional<std::int64_t> after_s) {
  std::string result = result_head(id, "retry") + ",\"reason\":\"" + std::string{reason} + "\"";
  if (after_s) result += ",\"retry_after_s\":" + std::to_string(*after_s);
  return {"retry", result + "}"};
}

// A field of a payload that a scenario may use to fail a whole batch.
int poison_status(const Json& payload) {
  const auto poison = payload.find("poison");
  if (poison == payload.end() || !poison->is_string()) return 0;
  if (*poison == "400") return 400;
  return *poison == "500" ? 500 : 0;
}

// What every call with operations says: who sends it, and what they did.
struct Call {
  Json body;
  std::vector<PushedOperation> operations;
};

Result<Call> read_call(const Caller& caller, std::string_view body_text) {
  Call call;
  LANDFALL_TRY_ASSIGN(call.body, parse_json(body_text, {kBodyBytesMax}));
  LANDFALL_TRY_ASSIGN(const std::string device, string_at(call.body, "device_id"));
  if (device != caller.device_id) {
    return failure(
        field_error("field.value", "", "device_id", "is not the device of the access token"));
  }
  LANDFALL_TRY_ASSIGN(call.operations, read_operations(call.body, body_text));
  return call;
}

// A bulk decision says once what its operations say each. It proves once who decides, or beside
// each operation where the proofs differ.
std::optional<std::string> wrong_bulk(const Json& body,
                                      const std::vector<PushedOperation>& operations) {
  const auto action = string_at(body, "action");
  if (!action) return action.error().message;
  if (*action != "APPROVE" && *action != "REJECT") return "action must be APPROVE or REJECT";
  const auto ids = array_at(body, "approval_ids");
  if (!ids) return ids.error().message;
  Json decided = Json::array();
  for (const PushedOperation& operation : operations) {
    const bool agrees = operation.entity.type == "approval" &&
                        operation.action == (*action == "APPROVE" ? "approve" : "reject");
    if (!agrees) return "operations must be decisions of that action about approvals";
    decided.push_back(operation.entity.id);
  }
  if (decided != **ids) return "approval_ids must name what operations decide, in their order";
  const bool each_proven =
      std::none_of(operations.begin(), operations.end(),
                   [](const PushedOperation& each) { return each.attestation.is_null(); });
  if (!each_proven && !object_at(body, "attestation"))
    return "attestation must prove who decides, here or in each of operations";
  return std::nullopt;
}

}  // namespace

struct Push::Step {
  const Caller& caller;
  const PushedOperation& operation;
  std::int64_t request_number;
  std::size_t position;
  Instant now;
};

http::Response Push::push(const Caller& caller, std::string_view body_text,
                          std::int64_t request_number, Instant now) {
  const auto call = read_call(caller, body_text);
  if (!call) return bad_request(call.error());
  const auto& operations = call->operations;
  if (auto refusal =
          refuse_batch(caller, operations, options_.operations_max, request_number, now)) {
    return *refusal;
  }
  return decide_all(caller, operations, request_number, now);
}

http::Response Push::push_bulk(const Caller& caller, std::string_view body_text,
                               std::int64_t request_number, Instant now) {
  auto call = read_call(caller, body_text);
  if (!call) return bad_request(call.error());
  auto& operations = call->operations;
  if (const auto wrong = wrong_bulk(call->body, operations))
    return error_reply(400, "BAD_REQUEST", *wrong);
  for (PushedOperation& operation : operations) {
    if (operation.attestation.is_null()) operation.attestation = call->body["attestation"];
  }
  if (auto refusal = refuse_batch(caller, operations, options_.bulk_max, request_number, now))
    return *refusal;
  return decide_all(caller, operations, request_number, now);
}

http::Response Push::decide_all(const Caller& caller,
                                const std::vector<PushedOperation>& operations,
                                std::int64_t request_number, Instant now) {
  receipts_.purge(now);
  std::string results;
  for (std::size_t at = 0; at < operations.size(); ++at) {
    const Step step{caller, operations[at], request_number, at, now};
    const PushFault fault = fault_of(step.operation);
    const Outcome outcome =
        fault.busy ? retry(step.operation.id, "busy", fault.retry_after_s) : decide(step);
    record_sighting(step, outcome);
    if (fault.omit_result) continue;
    if (!results.empty()) results += ',';
    results += outcome.result;
  }
  return ok_reply("{\"server_time\":\"" + format_rfc3339(now) + "\",\"results\":[" + results +
                  "]}");
}

std::optional<http::Response> Push::refuse_batch(const Caller& caller,
                                                 const std::vector<PushedOperation>& operations,
                                                 std::size_t operations_max,
                                                 std::int64_t request_number, Instant now) {
  std::optional<http::Response> refusal;
  if (operations.empty()) refusal = error_reply(400, "BAD_REQUEST", "operations is empty");
  if (operations.size() > operations_max) {
    refusal = error_reply(413, "TOO_MANY_OPERATIONS",
                          "At most " + std::to_string(operations_max) + " operations in one call.");
  }
  for (const PushedOperation& operation : operations) {
    const int status = fault_of(operation).fail_batch_status;
    if (status == 0 || refusal) continue;
    refusal = error_reply(status, status == 400 ? "BATCH_REFUSED" : "INTERNAL",
                          "The batch could not be processed.");
  }
  if (!refusal) return std::nullopt;
  for (std::size_t at = 0; at < operations.size(); ++at) {
    record_sighting({caller, operations[at], request_number, at, now}, {});
  }
  return refusal;
}

PushFault Push::fault_of(const PushedOperation& operation) const {
  PushFault fault = hook_ ? hook_(operation.id) : PushFault{};
  if (options_.allow_poison && fault.fail_batch_status == 0) {
    fault.fail_batch_status = poison_status(operation.payload);
  }
  return fault;
}

Push::Outcome Push::decide_alone(const Caller& caller, const PushedOperation& operation,
                                 std::int64_t request_number, Instant now) {
  const Step step{caller, operation, request_number, 0, now};
  receipts_.purge(now);
  Outcome outcome = decide(step);
  record_sighting(step, outcome);
  return outcome;
}

Push::Outcome Push::decide(const Step& step) {
  if (auto known = recall(step)) return *known;
  return judge(step);
}

// A known id is never decided again: the same bytes of the same user get the stored result, others
// a rejection that leaves the first receipt as it is.
std::optional<Push::Outcome> Push::recall(const Step& step) {
  const PushedOperation& operation = step.operation;
  const auto receipt = receipts_.find(operation.id, step.now);
  const bool same_bytes = ledger_.remember_bytes(operation.id, operation.bytes_hash) &&
                          (!receipt || receipt->bytes_hash == operation.bytes_hash);
  const bool same_user = !receipt || receipt->user_id == step.caller.user_id;
  if (!same_bytes || !same_user) {
    ledger_.add(Violation{same_user ? "id_reused" : "foreign_operation", operation.id,
                          operation.entity.type + " " + operation.action, step.now});
    return rejection(operation.id, {"ID_REUSED", "This operation id was used with other content."});
  }
  if (!receipt) return std::nullopt;
  return Outcome{receipt->status, replayed(receipt->result), true};
}

std::optional<Push::Outcome> Push::refuse_unproven(const Step& step) {
  const auto judgement = attestations_.judge(step.caller, step.operation, step.now);
  switch (judgement.verdict) {
    case Attestations::Verdict::good:
      return std::nullopt;
    case Attestations::Verdict::unknown_key:
      return retry(step.operation.id, "attestation_key", kKeyWaitS);
    case Attestations::Verdict::refused:
      break;
  }
  return settle(step, rejection(step.operation.id, judgement.why), nullptr);
}

Push::Outcome Push::judge(const Step& step) {
  const PushedOperation& operation = step.operation;
  const ActionRule* rule = find_rule(operation.entity.type, operation.action);
  if (rule == nullptr) {
    return settle(step, rejection(operation.id, {"UNKNOWN_ACTION", "This action is not known."}),
                  nullptr);
  }
  if (auto unproven = refuse_unproven(step)) return std::move(*unproven);
  std::optional<Receipt> before;
  if (operation.after) {
    before = receipts_.find(*operation.after, step.now);
    if (!before || before->user_id != step.caller.user_id || before->status != "applied") {
      return retry(operation.id, "after_failed", std::nullopt);
    }
    if (before->entity != operation.entity) {
      return settle(
          step,
          rejection(operation.id, {"AFTER_OTHER_ENTITY", "`after` belongs to another entity."}),
          nullptr);
    }
  }
  return rule->kind == ActionKind::create ? create(step, *rule) : change(step, *rule, before);
}

Push::Outcome Push::create(const Step& step, const ActionRule& rule) {
  if (documents_.find(step.operation.entity)) {
    return settle(
        step, rejection(step.operation.id, {"ALREADY_EXISTS", "An entity with this id exists."}),
        nullptr);
  }
  Document document;
  document.key = step.operation.entity;
  document.owner = owner_of_new(document.key.type, step.caller.user_id);
  if (options_.assigns_ids && document.key.type == "pr")
    document.key.id = "srv-" + sha256_hex(step.operation.id).substr(0, 24);
  return apply(step, rule, std::move(document));
}

Push::Outcome Push::change(const Step& step, const ActionRule& rule,
                           const std::optional<Receipt>& before) {
  const PushedOperation& operation = step.operation;
  auto current = documents_.find(operation.entity);
  if (rule.kind != ActionKind::forbidden &&
      (!current || !is_visible(*current, step.caller.user_id))) {
    return settle(step, rejection(operation.id, {"NOT_FOUND", "There is no such entity."}),
                  nullptr);
  }
  if (needs_version(rule.kind)) {
    const auto expected = before ? before->produced_version : operation.base_version;
    if (expected != current->row_version) return conflict(step, *current);
  }
  if (current && current->deleted) {
    return settle(step, rejection(operation.id, {"NOT_FOUND", "The entity was deleted."}), nullptr);
  }
  return apply(step, rule, current.value_or(Document{}));
}

Push::Outcome Push::apply(const Step& step, const ActionRule& rule, Document document) {
  const PushedOperation& operation = step.operation;
  const Json data = Json::parse(document.data, nullptr, false);
  const Verdict verdict = rule.decide(
      {operation.entity, operation.payload, data, step.caller.user_id, operation.id, step.now},
      *this);
  if (const auto* refusal = std::get_if<Rejection>(&verdict)) {
    return settle(step, rejection(operation.id, *refusal), nullptr);
  }
  document.data = dump_json(std::get<Json>(verdict));
  document.listed = is_listed(operation.entity.type, std::get<Json>(verdict));
  document = rule.kind == ActionKind::remove
                 ? documents_.remove(std::move(document), step.now, operation.id)
                 : documents_.put(std::move(document), step.now, operation.id);
  ledger_.add(Effect{operation.id, document.key, operation.action, step.caller.user_id,
                     step.caller.device_id,
                     ledger_.device_index(step.caller.device_id, operation.id), document.change_seq,
                     operation.bytes_hash, operation.payload_hash, document.row_version,
                     operation.base_version, operation.after, step.now});
  std::string result = result_head(operation.id, "applied") + ",\"entity\":" + to_wire(document);
  if (document.key != operation.entity)
    result += ",\"assigned_id\":" + json_string(document.key.id);
  return settle(step, {"applied", result + "}"}, &document);
}

Push::Outcome Push::conflict(const Step& step, const Document& current) {
  const PushedOperation& operation = step.operation;
  ConflictRecord record{operation.id,           operation.entity, step.caller.device_id,
                        operation.base_version, operation.after,  current.row_version,
                        current.produced_by,    std::nullopt,     step.now};
  if (current.produced_by) {
    if (const Effect* effect = ledger_.find_effect(*current.produced_by)) {
      record.produced_by_device = effect->device_id;
    }
  }
  ledger_.add(std::move(record));
  return settle(step,
                {"conflict", result_head(operation.id, "conflict") + ",\"entity\":" +
                                 to_wire(current) + ",\"reason\":\"row_version\"}"},
                nullptr);
}

Push::Outcome Push::settle(const Step& step, Outcome outcome, const Document* produced) {
  const EntityKey& entity = produced != nullptr ? produced->key : step.operation.entity;
  std::optional<std::int64_t> version;
  if (produced != nullptr) version = produced->row_version;
  receipts_.add({step.operation.id, step.caller.user_id, entity, outcome.status, version,
                 step.operation.bytes_hash, outcome.result},
                step.now);
  return outcome;
}

void Push::record_sighting(const Step& step, const Outcome& outcome) {
  static_cast<void>(ledger_.device_index(step.caller.device_id, step.operation.id));
  ledger_.add(Sighting{step.operation.id, step.operation.entity, step.caller.device_id,
                       step.request_number, step.position, step.operation.bytes_hash,
                       outcome.status, outcome.replayed, step.now});
}

http::Response Push::list_receipts(const Caller& caller, std::string_view body_text, Instant now) {
  const auto body = parse_json(body_text, {kBodyBytesMax});
  if (!body) return bad_request(body.error());
  const auto ids = array_at(*body, "ids");
  if (!ids) return bad_request(ids.error());
  std::string receipts;
  for (const Json& id : **ids) {
    const auto parsed =
        id.is_string() ? parse_id<OperationId>(id.get<std::string>()) : std::nullopt;
    if (!parsed) return error_reply(400, "BAD_REQUEST", "ids must be UUIDs");
    const std::string text = to_text(*parsed);
    const auto receipt = receipts_.find(text, now);
    if (!receipts.empty()) receipts += ',';
    // Another user's receipt is as unseen as one that never was.
    receipts += receipt && receipt->user_id == caller.user_id ? receipt->result
                                                              : result_head(text, "unseen") + "}";
  }
  return ok_reply("{\"server_time\":\"" + format_rfc3339(now) + "\",\"receipts\":[" + receipts +
                  "]}");
}

bool Push::exists(const EntityKey& key) {
  const auto document = documents_.find(key);
  return document && !document->deleted;
}

}  // namespace landfall::backend
