#include "simulator/backend/rules.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <nlohmann/json.hpp>

#include "simulator/backend/field_rules.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kCommentCharactersMin = 10;  // P-56

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

void append_comment(Json& data, const ActionInput& input, const std::string& text) {
  auto& comments = data["comments"];
  if (!comments.is_array()) comments = Json::array();
  comments.push_back({{"operation_id", input.operation_id},
                      {"author_id", input.user_id},
                      {"text", text},
                      {"at", format_rfc3339(input.now)}});
}

// Approvals are decided once, by the one they wait for (P-53, P-56, INV-Q15).
std::optional<Rejection> refuse_decision(const ActionInput& input) {
  if (text_of(input.data, "approver_id") != input.user_id) {
    return Rejection{"NOT_APPROVER", "This approval waits for somebody else."};
  }
  if (text_of(input.data, "status") != "pending") {
    return Rejection{"NOT_PENDING", "This approval was already decided."};
  }
  return std::nullopt;
}

Json decided(const ActionInput& input, const char* status) {
  Json data = input.data;
  data["status"] = status;
  data["decided_by"] = input.user_id;
  data["decided_at"] = format_rfc3339(input.now);
  if (input.payload.contains("comment")) data["comment"] = input.payload["comment"];
  const std::string comment = text_of(input.payload, "comment");
  if (!comment.empty()) append_comment(data, input, comment);
  return data;
}

Verdict approve(const ActionInput& input, Lookup&) {
  if (auto refusal = refuse_decision(input)) return *refusal;
  return decided(input, "approved");
}

Verdict reject(const ActionInput& input, Lookup&) {
  if (auto refusal = refuse_decision(input)) return *refusal;
  if (count_characters(text_of(input.payload, "comment")) < kCommentCharactersMin) {
    return Rejection{"COMMENT_TOO_SHORT", "A rejection needs a comment of at least 10 characters."};
  }
  return decided(input, "rejected");
}

Verdict comment(const ActionInput& input, Lookup&) {
  const std::string text = text_of(input.payload, "comment");
  if (count_characters(text) == 0) return Rejection{"COMMENT_EMPTY", "A comment needs a text."};
  Json data = input.data;
  data["comment"] = text;
  append_comment(data, input, text);
  return data;
}

// A document's number follows from its id, so that it does not depend on the order in which phones
// arrive.
std::string number_of(const std::string& prefix, const EntityKey& entity) {
  return prefix + "-" + entity.id.substr(entity.id.size() > 8 ? entity.id.size() - 8 : 0);
}

Verdict create_pr(const ActionInput& input, Lookup&) {
  if (count_characters(text_of(input.payload, "title")) == 0) {
    return Rejection{"TITLE_MISSING", "A purchase requisition needs a title."};
  }
  Json data = input.payload;
  data["number"] = number_of("PR", input.entity);
  data["status"] = "draft";
  data["requester_id"] = input.user_id;
  data["created_at"] = format_rfc3339(input.now);
  return data;
}

// Only these may be changed from a phone; everything else belongs to the server.
constexpr std::array<std::string_view, 7> kPrFields{"title", "project",  "needed_by", "lines",
                                                    "note",  "priority", "vendor_id"};
constexpr std::array<std::string_view, 3> kProfileFields{"display_name", "phone",
                                                         "mobile_settings"};

template <std::size_t N>
Verdict patched(const ActionInput& input, const std::array<std::string_view, N>& fields) {
  if (input.payload.empty()) return Rejection{"NOTHING_TO_CHANGE", "The payload names no field."};
  Json data = input.data;
  for (const auto& [key, value] : input.payload.items()) {
    if (std::find(fields.begin(), fields.end(), key) == fields.end()) {
      return Rejection{"FIELD_NOT_EDITABLE", "The field cannot be changed: " + key.substr(0, 64)};
    }
    if (value.is_null()) {
      data.erase(key);
    } else {
      data[key] = value;
    }
  }
  return data;
}

Verdict update_pr(const ActionInput& input, Lookup&) {
  if (text_of(input.data, "status") != "draft") {
    return Rejection{"NOT_DRAFT", "Only a draft can be changed."};
  }
  return patched(input, kPrFields);
}

// A note may still be written when the requisition is on its way.
Verdict note_pr(const ActionInput& input, Lookup&) {
  if (input.payload.size() != 1 || !input.payload.contains("note")) {
    return Rejection{"FIELD_NOT_EDITABLE", "A note changes the field `note` only."};
  }
  return patched(input, kPrFields);
}

Verdict submit_pr(const ActionInput& input, Lookup&) {
  if (text_of(input.data, "status") != "draft") {
    return Rejection{"NOT_DRAFT", "Only a draft can be submitted."};
  }
  Json data = input.data;
  data["status"] = "submitted";
  data["submitted_at"] = format_rfc3339(input.now);
  return data;
}

Verdict delete_pr(const ActionInput& input, Lookup&) {
  if (text_of(input.data, "status") != "draft") {
    return Rejection{"NOT_DRAFT", "Only a draft can be deleted."};
  }
  return input.data;
}

Verdict update_profile(const ActionInput& input, Lookup&) { return patched(input, kProfileFields); }

bool is_quantity(const Json& line) {
  if (!line.is_object()) return false;
  const auto quantity = line.find("received_qty");
  return quantity != line.end() && quantity->is_number() && quantity->get<double>() >= 0;
}

Verdict confirm_grn(const ActionInput& input, Lookup& lookup) {
  const std::string po_id = text_of(input.payload, "po_id");
  if (po_id.empty() || !lookup.exists({"po", po_id})) {
    return Rejection{"PO_NOT_FOUND", "The goods receipt names no purchase order that exists."};
  }
  const auto lines = input.payload.find("lines");
  if (lines == input.payload.end() || !lines->is_array() || lines->empty() ||
      !std::all_of(lines->begin(), lines->end(), is_quantity)) {
    return Rejection{"LINES_INVALID",
                     "Each line of a goods receipt needs a received_qty of zero or more."};
  }
  Json data = input.payload;
  data["number"] = number_of("GRN", input.entity);
  data["status"] = "confirmed";
  data["confirmed_by"] = input.user_id;
  data["confirmed_at"] = format_rfc3339(input.now);
  return data;
}

Verdict mark_read(const ActionInput& input, Lookup&) {
  Json data = input.data;
  data["read"] = true;
  return data;
}

Verdict refuse_from_mobile(const ActionInput&, Lookup&) {
  return Rejection{"NOT_ALLOWED_FROM_MOBILE", "A purchase order cannot be changed from a phone."};
}

// I-33: what a clerk records without a network. The stock itself is counted by the server.
Verdict adjust_stock(const ActionInput& input, Lookup& lookup) {
  const std::string item = text_of(input.payload, "item_id");
  if (item.empty() || !lookup.exists({"stock_item", item}))
    return Rejection{"ITEM_NOT_FOUND", "The adjustment names no item that exists."};
  Json data = input.payload;
  data["status"] = "recorded";
  data["recorded_by"] = input.user_id;
  return data;
}

Verdict sell(const ActionInput& input, Lookup&) {
  Json data = input.payload;
  data["status"] = "sold";
  data["sold_by"] = input.user_id;
  return data;
}

Verdict note_scan(const ActionInput& input, Lookup&) { return input.payload; }

constexpr std::array kRules{
    ActionRule{"approval", "approve", ActionKind::versioned, approve},
    ActionRule{"approval", "reject", ActionKind::versioned, reject},
    ActionRule{"approval", "comment", ActionKind::commutative, comment},
    ActionRule{"pr", "create", ActionKind::create, create_pr},
    ActionRule{"pr", "update", ActionKind::versioned, update_pr},
    ActionRule{"pr", "note", ActionKind::versioned, note_pr},
    ActionRule{"pr", "submit", ActionKind::versioned, submit_pr},
    ActionRule{"pr", "delete", ActionKind::remove, delete_pr},
    ActionRule{"grn", "confirm", ActionKind::create, confirm_grn},
    ActionRule{"grn", "create", ActionKind::create, confirm_grn},
    ActionRule{"notification", "read", ActionKind::commutative, mark_read},
    ActionRule{"user_profile", "update", ActionKind::versioned, update_profile},
    ActionRule{"po", "update", ActionKind::forbidden, refuse_from_mobile},
    ActionRule{"stock_adjustment", "create", ActionKind::create, adjust_stock},
    ActionRule{"quick_sale", "create", ActionKind::create, sell},
    ActionRule{"scan", "create", ActionKind::create, note_scan},
};

}  // namespace

bool needs_version(ActionKind kind) {
  return kind == ActionKind::versioned || kind == ActionKind::remove;
}

const ActionRule* find_rule(std::string_view entity_type, std::string_view action) {
  for (const ActionRule& rule : kRules) {
    if (rule.entity_type == entity_type && rule.action == action) return &rule;
  }
  for (const ActionRule& rule : field_rules()) {
    if (rule.entity_type == entity_type && rule.action == action) return &rule;
  }
  return nullptr;
}

bool is_listed(std::string_view entity_type, const Json& data) {
  return entity_type != "approval" || text_of(data, "status") == "pending";
}

std::size_t count_characters(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return 0;
  text = text.substr(first, text.find_last_not_of(kSpace) - first + 1);
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

}  // namespace landfall::backend
