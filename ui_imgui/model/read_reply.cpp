#include "ui_imgui/model/read_reply.hpp"

#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/base/time.hpp"
#include "ui_imgui/model/depth_history.hpp"
#include "ui_imgui/model/event_log.hpp"

namespace landfall::ui {
namespace {

using nlohmann::json;

double number_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0.0;
}

const json& data_of(const json& document) {
  static const json none = json::object();
  const auto found = document.find("data");
  return found != document.end() && found->is_object() ? *found : none;
}

bool meets(double value, const std::string& rule, double target) {
  if (rule == "<") return value < target;
  return rule == ">" ? value > target : value == target;
}

// What the engine lets its user ask for: the window offers nothing that is refused for certain.
void allow(OperationView& view, const std::string& effect) {
  const bool is_blocked = view.state == "blocked";
  view.can_retry = view.state == "failed" || (is_blocked && view.block_reason != "dependency");
  view.can_cancel =
      (view.state == "queued" || is_blocked) && view.attempts == 0 && effect == "none";
  view.can_discard = !view.is_settled;
  view.can_supersede = view.state == "rejected" || view.state == "conflict";
}

}  // namespace

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<std::int64_t> time_at(const json& object, const char* key) {
  const auto instant = parse_rfc3339(text_at(object, key));
  if (!instant) return std::nullopt;
  return instant->unix_ms;
}

std::string error_text(const json& reply) {
  const auto error = reply.find("error");
  if (error == reply.end() || !error->is_object()) return "";
  return text_at(*error, "code") + ": " + text_at(*error, "message");
}

OperationView operation_of(const json& operation) {
  OperationView view;
  view.id = text_at(operation, "id");
  view.action = text_at(operation, "action");
  view.state = text_at(operation, "state");
  view.block_reason = text_at(operation, "block_reason");
  view.attempts = static_cast<int>(number_at(operation, "attempts"));
  view.created_ms = time_at(operation, "created_at").value_or(0);
  view.settled_ms = time_at(operation, "settled_at");
  view.is_settled = !is_waiting_state(view.state) && !is_stuck_state(view.state);
  allow(view, text_at(operation, "effect"));
  return view;
}

ExplanationView explanation_of(const json& explanation) {
  ExplanationView view;
  view.operation = text_at(explanation.value("operation", json::object()), "id");
  for (const auto& cause : explanation.value("causes", json::array()))
    view.causes.push_back(cause.get<std::string>());
  view.would_help = text_at(explanation, "would_help");
  view.next_attempt_ms = time_at(explanation, "next_attempt_at");
  return view;
}

ApprovalView approval_of(const json& document) {
  const json& data = data_of(document);
  ApprovalView view;
  view.id = text_at(document, "entity_id");
  view.title = text_at(data, "title");
  view.number = text_at(data, "number");
  view.requester = text_at(data, "requester");
  view.currency = text_at(data, "currency");
  view.amount = std::llround(number_at(data, "amount"));
  view.status = text_at(data, "status");
  view.pending_sync = document.value("pending_sync", false);
  return view;
}

RequisitionView requisition_of(const json& document) {
  const json& data = data_of(document);
  RequisitionView view;
  view.id = text_at(document, "entity_id");
  view.title = text_at(data, "title");
  view.number = text_at(data, "number");
  view.project = text_at(data, "project");
  view.note = text_at(data, "note");
  view.status = text_at(data, "status");
  view.pending_sync = document.value("pending_sync", false);
  return view;
}

KpiView kpi_of(const json& document) {
  const json& data = data_of(document);
  KpiView view;
  view.name = text_at(data, "name");
  view.unit = text_at(data, "unit");
  view.target_rule = text_at(data, "target_rule");
  view.value = number_at(data, "value");
  view.target = number_at(data, "target");
  view.meets_target = meets(view.value, view.target_rule, view.target);
  const auto history = data.find("history");
  if (history == data.end() || !history->is_array()) return view;
  for (const auto& day : *history) {
    if (day.is_object()) view.history.push_back(static_cast<float>(number_at(day, "value")));
  }
  return view;
}

DocumentView document_of(const json& document) {
  const json& data = data_of(document);
  DocumentView view;
  view.type = text_at(document, "entity_type");
  for (const char* key : {"name", "title", "number", "sku"}) {
    if (view.title.empty()) view.title = text_at(data, key);
  }
  if (view.title.empty()) view.title = short_id(text_at(document, "entity_id"));
  view.pending_sync = document.value("pending_sync", false);
  return view;
}

NoticeView notice_of(const json& notice) {
  NoticeView view;
  view.number = static_cast<std::int64_t>(number_at(notice, "notice"));
  view.kind = text_at(notice, "kind");
  view.code = text_at(notice, "code");
  view.operation = text_at(notice, "operation");
  view.at_ms = time_at(notice, "created_at").value_or(0);
  return view;
}

}  // namespace landfall::ui
