#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "ui_imgui/snapshot.hpp"

// One item of a reply of the host interface as the window shows it.
namespace landfall::ui {

// Of operations.list.
[[nodiscard]] OperationView operation_of(const nlohmann::json& operation);

// Of operations.explain; the lane's title is left to the caller.
[[nodiscard]] ExplanationView explanation_of(const nlohmann::json& explanation);

// Of documents.query.
[[nodiscard]] ApprovalView approval_of(const nlohmann::json& document);
[[nodiscard]] RequisitionView requisition_of(const nlohmann::json& document);
[[nodiscard]] KpiView kpi_of(const nlohmann::json& document);
[[nodiscard]] DocumentView document_of(const nlohmann::json& document);

// Of notices.list; the title is left to the caller.
[[nodiscard]] NoticeView notice_of(const nlohmann::json& notice);

// A text field; empty when it is missing or no text. Documents are the server's, so that nothing
// about their fields is certain.
[[nodiscard]] std::string text_at(const nlohmann::json& object, const char* key);

// A field with an RFC 3339 time; nothing when it is missing.
[[nodiscard]] std::optional<std::int64_t> time_at(const nlohmann::json& object, const char* key);

// "code: message" of an error reply.
[[nodiscard]] std::string error_text(const nlohmann::json& reply);

}  // namespace landfall::ui
