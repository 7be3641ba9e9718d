#include "engine/sync/pull_page.hpp"

#include "engine/base/json.hpp"
#include "engine/base/json_string.hpp"
#include "engine/sync/document_text.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace landfall::sync {
namespace {

// One version of an entity is one state of it: an answer that tells two is no answer.
Status check_consistent(const std::vector<Document>& changes) {
  const auto version_of = [&](const Document* document) {
    return std::tie(document->entity, document->row_version);
  };
  std::vector<const Document*> sorted;
  sorted.reserve(changes.size());
  for (const Document& document : changes) sorted.push_back(&document);
  std::ranges::stable_sort(sorted, std::less<>{}, version_of);
  const Document* other = nullptr;  // the first that said this version
  const Document* wrong = nullptr;  // the first that says something else
  for (const Document* document : sorted) {
    if (other == nullptr || version_of(other) != version_of(document)) other = document;
    const bool is_same = other->deleted == document->deleted && other->data == document->data;
    if (!is_same && (wrong == nullptr || document < wrong)) wrong = document;
  }
  if (wrong == nullptr) return {};
  return failure(field_error("field.value", "changes." + std::to_string(wrong - changes.data()),
                             "row_version", "was said of another state of the same entity"));
}

Result<std::vector<Document>> parse_changes(const Json& reply, VersionZero zero) {
  LANDFALL_TRY_ASSIGN(const Json* items, array_at(reply, "changes"));
  LANDFALL_TRY_ASSIGN(auto changes, parse_documents(*items, "changes", zero));
  LANDFALL_TRY(check_consistent(changes));
  return changes;
}

bool is_cursor(std::string_view cursor) {
  return !cursor.empty() && cursor.size() <= limits::kCursorBytesMax;
}

Result<std::string> cursor_at(const Json& reply) {
  LANDFALL_TRY_ASSIGN(std::string cursor, string_at(reply, "cursor"));
  if (!is_cursor(cursor)) {
    return failure(field_error("field.range", "", "cursor",
                               "expected 1 to " + std::to_string(limits::kCursorBytesMax) +
                                   " bytes, got " + std::to_string(cursor.size())));
  }
  return cursor;
}

std::optional<Instant> time_of(std::string_view text) {
  const auto time = parse_rfc3339(text);
  return time ? std::optional{*time} : std::nullopt;
}

// It is no part of what was asked for: one that is none is as good as missing.
std::optional<Instant> server_time_in(const Json& reply) {
  const auto text = string_at(reply, "server_time");
  return text ? time_of(*text) : std::nullopt;
}

Result<PullPage> read_page(std::string_view body, std::string_view scope) {
  LANDFALL_TRY_ASSIGN(const Json reply, parse_answer(body));
  LANDFALL_TRY_ASSIGN(const std::string echoed, string_at(reply, "scope"));
  if (echoed != scope) {
    return failure(field_error("field.value", "", "scope", "is not the scope that was asked for"));
  }
  PullPage page;
  LANDFALL_TRY_ASSIGN(page.cursor, cursor_at(reply));
  LANDFALL_TRY_ASSIGN(page.has_more, bool_at(reply, "has_more"));
  LANDFALL_TRY_ASSIGN(page.changes, parse_changes(reply, VersionZero::refused));
  page.server_time = server_time_in(reply);
  return page;
}

// What an answer to a refresh says, before it is told apart by what was asked for.
struct RefreshedDocuments {
  std::vector<Document> changes;
  std::set<std::string> unchanged;
  std::optional<Instant> server_time;
};

// `unchanged` holds ids without their types, so an id stands for each entity asked for that has it.
Result<std::set<std::string>> unchanged_ids(const Json& reply) {
  LANDFALL_TRY_ASSIGN(const Json* items, array_at(reply, "unchanged"));
  std::set<std::string> ids;
  for (const Json& item : *items) {
    if (!item.is_string())
      return failure(field_error("field.type", "", "unchanged", "expected a list of ids"));
    ids.insert(item.get<std::string>());
  }
  return ids;
}

// The members of an answer as its text has them, each at most once. An answer that is understood
// here says what its tree says; of one that is not, the tree says what is wrong.
class AnswerMembers final {
 public:
  explicit AnswerMembers(VersionZero zero) : zero_(zero) {}

  [[nodiscard]] bool read(std::string_view body, JsonText::Memory* memory) {
    const auto text =
        JsonText::read(body, JsonLimits{limits::kSyncResponseBytesMax, limits::kJsonDepthMax},
                       limits::kSyncResponseValuesMax, memory);
    const auto member = [this](std::string_view name, JsonValue value) {
      return take(name, value);
    };
    return text && text->root().each_member(member) && changes_ &&
           check_consistent(*changes_).has_value();
  }

  [[nodiscard]] std::optional<PullPage> page(std::string_view scope) {
    const bool is_whole = scope_ == scope && cursor_ && is_cursor(*cursor_) && has_more_;
    if (!is_whole) return std::nullopt;
    return PullPage{std::move(*cursor_), *has_more_, std::move(*changes_), server_time_};
  }
  [[nodiscard]] std::optional<RefreshedDocuments> refreshed() {
    if (!unchanged_) return std::nullopt;
    return RefreshedDocuments{std::move(*changes_), std::move(*unchanged_), server_time_};
  }

 private:
  [[nodiscard]] bool take(std::string_view name, JsonValue value) {
    if (name == "scope") return !scope_ && (scope_ = value.string());
    if (name == "cursor") return !cursor_ && (cursor_ = value.string());
    if (name == "has_more") return !has_more_ && (has_more_ = value.boolean());
    if (name == "changes") return !changes_ && take_changes(value, changes_.emplace());
    if (name == "unchanged") return !unchanged_ && take_ids(value, unchanged_.emplace());
    if (name == "server_time") {
      const auto text = value.string();
      server_time_ = text ? time_of(*text) : std::nullopt;
    }
    return true;
  }
  [[nodiscard]] bool take_changes(JsonValue list, std::vector<Document>& changes) const {
    return list.each_item([&](JsonValue item) {
      auto document = read_document(item, zero_);
      if (!document || changes.size() == limits::kPullPageMax) return false;
      changes.push_back(std::move(*document));
      return true;
    });
  }
  [[nodiscard]] static bool take_ids(JsonValue list, std::set<std::string>& ids) {
    return list.each_item([&](JsonValue item) {
      const auto id = item.string();
      if (id) ids.emplace(*id);
      return id.has_value();
    });
  }

  VersionZero zero_;
  std::optional<std::string> scope_;
  std::optional<std::string> cursor_;
  std::optional<bool> has_more_;
  std::optional<std::vector<Document>> changes_;
  std::optional<std::set<std::string>> unchanged_;
  std::optional<Instant> server_time_;
};

Result<RefreshedDocuments> read_refreshed(std::string_view body) {
  constexpr VersionZero kZero = VersionZero::of_what_never_was;
  AnswerMembers members(kZero);
  if (members.read(body, nullptr)) {
    if (auto usual = members.refreshed()) return std::move(*usual);
  }
  LANDFALL_TRY_ASSIGN(const Json reply, parse_answer(body));
  RefreshedDocuments refreshed;
  LANDFALL_TRY_ASSIGN(refreshed.changes, parse_changes(reply, kZero));
  LANDFALL_TRY_ASSIGN(refreshed.unchanged, unchanged_ids(reply));
  refreshed.server_time = server_time_in(reply);
  return refreshed;
}

Result<RefreshAnswer> read_refresh(std::string_view body, const std::vector<KnownDocument>& asked) {
  LANDFALL_TRY_ASSIGN(RefreshedDocuments refreshed, read_refreshed(body));
  RefreshAnswer answer;
  answer.changes = std::move(refreshed.changes);
  answer.server_time = refreshed.server_time;
  const std::set<std::string>& unchanged = refreshed.unchanged;
  std::set<EntityKey> changed;
  for (const Document& document : answer.changes) changed.insert(document.entity);
  std::set<EntityKey> known;
  for (const KnownDocument& document : asked) {
    known.insert(document.entity);
    if (changed.contains(document.entity)) continue;
    (unchanged.contains(document.entity.id) ? answer.unchanged : answer.unnamed)
        .push_back(document.entity);
  }
  if (!std::includes(known.begin(), known.end(), changed.begin(), changed.end())) {
    return failure(
        field_error("field.value", "", "changes", "holds a document that was not asked for"));
  }
  return answer;
}

}  // namespace

Error answer_invalid(Error error) {
  error.kind = ErrorClass::transient;
  error.message = error.code + ": " + error.message;
  error.code = "pull.answer_invalid";
  return error;
}

Result<Json> parse_answer(std::string_view body) {
  LANDFALL_TRY(check_value_count(body, limits::kSyncResponseValuesMax));
  LANDFALL_TRY_ASSIGN(Json reply, parse_json(body, JsonLimits{limits::kSyncResponseBytesMax,
                                                              limits::kJsonDepthMax}));
  if (!reply.is_object()) {
    return failure(Error{ErrorClass::invalid, "field.type",
                         "expected an object, got " + std::string{reply.type_name()}});
  }
  return reply;
}

Result<std::vector<Document>> parse_documents(const Json& items, std::string_view path,
                                              VersionZero zero) {
  if (items.size() > limits::kPullPageMax) {
    return failure(
        field_error("field.range", "", path,
                    "expected at most " + std::to_string(limits::kPullPageMax) + " items"));
  }
  std::vector<Document> documents;
  documents.reserve(items.size());
  for (const Json& item : items) {
    LANDFALL_TRY_ASSIGN(
        Document document,
        parse_document(item, std::string{path} + "." + std::to_string(documents.size()), zero));
    documents.push_back(std::move(document));
  }
  return documents;
}

std::string page_body(std::string_view device_id, std::string_view scope,
                      const std::optional<std::string>& cursor, std::size_t limit) {
  Json body = {{"device_id", device_id}, {"scope", scope}, {"cursor", nullptr}, {"limit", limit}};
  if (cursor) body["cursor"] = *cursor;
  return dump_json(body);
}

std::string refresh_body(std::string_view device_id, const std::vector<KnownDocument>& documents) {
  std::string text = "{\"device_id\":";
  append_json_string(text, device_id);
  text += ",\"refresh\":[";
  for (const KnownDocument& document : documents) {
    text += &document == documents.data() ? "{\"entity_id\":" : ",{\"entity_id\":";
    append_json_string(text, document.entity.id);
    text += ",\"entity_type\":";
    append_json_string(text, document.entity.type);
    text += ",\"row_version\":";
    text += document.row_version ? std::to_string(*document.row_version) : "null";
    text += '}';
  }
  return text += "]}";
}

Result<PullPage> parse_page(std::string_view body, std::string_view scope,
                            JsonText::Memory* memory) {
  AnswerMembers members(VersionZero::refused);
  if (members.read(body, memory)) {
    if (auto usual = members.page(scope)) return std::move(*usual);
  }
  auto page = read_page(body, scope);
  if (!page) return failure(answer_invalid(std::move(page.error())));
  return page;
}

Result<RefreshAnswer> parse_refresh(std::string_view body,
                                    const std::vector<KnownDocument>& asked) {
  auto answer = read_refresh(body, asked);
  if (!answer) return failure(answer_invalid(std::move(answer.error())));
  return answer;
}

}  // namespace landfall::sync
