#include "simulator/backend/pull.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/backend/cursor.hpp"
#include "simulator/backend/reply.hpp"
#include "simulator/backend/search.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kBodyBytesMax = 4U * 1024U * 1024U;
constexpr std::string_view kTier1 = "tier1";
// A search reads the type in slices of this many rows until a page is full.
constexpr std::int64_t kSearchSlice = 200;

std::string head(Instant now) { return "{\"server_time\":\"" + format_rfc3339(now) + "\""; }

std::string joined(const std::vector<Document>& documents) {
  std::string text;
  for (const Document& document : documents) {
    if (!text.empty()) text += ',';
    text += to_wire(document);
  }
  return text;
}

// A document that is not there any more, or never was for this user: newer than what the device
// has, so that the device's own version rule lets the tombstone in.
Document absence(const EntityKey& key, std::optional<std::int64_t> known_version, Instant now) {
  Document document;
  document.key = key;
  document.row_version = known_version ? *known_version + 1 : 0;
  document.updated_at = now;
  document.deleted = true;
  return document;
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=') {
      return std::string{part.substr(name.size() + 1)};
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

}  // namespace

http::Response Pull::pull(const Caller& caller, std::string_view body_text, Instant now) {
  const auto body = parse_json(body_text, {kBodyBytesMax});
  if (!body) return bad_request(body.error());
  const auto device = string_at(*body, "device_id");
  if (!device) return bad_request(device.error());
  if (*device != caller.device_id) {
    return error_reply(400, "BAD_REQUEST", "device_id is not the device of the access token");
  }
  const int forms = (body->contains("scope") ? 1 : 0) + (body->contains("refresh") ? 1 : 0) +
                    (body->contains("query") ? 1 : 0);
  if (forms != 1)
    return error_reply(400, "BAD_REQUEST", "exactly one of scope, refresh and query is needed");
  if (body->contains("scope")) return pull_scope(caller, *body, now);
  if (body->contains("query")) {
    const auto query = object_at(*body, "query");
    return query ? search(caller, **query, now) : bad_request(query.error());
  }
  const auto list = array_at(*body, "refresh");
  return list ? refresh(caller, **list, now) : bad_request(list.error());
}

Result<std::int64_t> Pull::limit_of(const Json& object, std::string_view path) const {
  LANDFALL_TRY_ASSIGN(const auto asked, optional_integer_at(object, "limit", path));
  if (asked && *asked < 1)
    return failure(field_error("field.range", path, "limit", "must be at least 1"));
  return std::min(asked.value_or(options_.page_limit), options_.page_limit);
}

http::Response Pull::pull_scope(const Caller& caller, const Json& body, Instant now) {
  const auto scope = string_at(body, "scope");
  if (!scope) return bad_request(scope.error());
  if (*scope != kTier1) return error_reply(400, "UNKNOWN_SCOPE", "There is no such scope.");
  const auto limit = limit_of(body, "");
  if (!limit) return bad_request(limit.error());
  const auto text = optional_string_at(body, "cursor");
  if (!text) return bad_request(text.error());

  Cursor cursor{std::string{kTier1}, caller.user_id, 0, documents_.last_seq()};
  if (*text) {
    const auto known = decode_cursor(**text, kTier1, caller.user_id, cursor_secret_);
    if (!known || known->seq > documents_.last_seq()) {
      return error_reply(400, "BAD_CURSOR", "The cursor is not one of ours.");
    }
    // A full pull that began behind the mark needs none of the forgotten tombstones.
    if (std::max(known->seq, known->full_until) < documents_.purge_mark()) {
      return error_reply(410, "CURSOR_EXPIRED", "Start the scope again without a cursor.");
    }
    cursor = *known;
  }
  auto changes = documents_.tier1_after(caller.user_id, cursor.seq, cursor.full_until, *limit + 1);
  const bool has_more = static_cast<std::int64_t>(changes.size()) > *limit;
  if (has_more) changes.pop_back();
  cursor.seq = has_more ? changes.back().change_seq : documents_.last_seq();
  return ok_reply(head(now) + ",\"scope\":\"tier1\",\"cursor\":" +
                  json_string(encode_cursor(cursor, cursor_secret_)) + ",\"has_more\":" +
                  (has_more ? "true" : "false") + ",\"changes\":[" + joined(changes) + "]}");
}

http::Response Pull::refresh(const Caller& caller, const Json& list, Instant now) {
  if (static_cast<std::int64_t>(list.size()) > options_.page_limit) {
    return error_reply(
        413, "TOO_MANY_DOCUMENTS",
        "At most " + std::to_string(options_.page_limit) + " documents in one refresh.");
  }
  std::vector<Document> changes;
  std::string unchanged;
  for (std::size_t at = 0; at < list.size(); ++at) {
    const std::string path = "refresh[" + std::to_string(at) + "]";
    const auto type = string_at(list[at], "entity_type", path);
    if (!type) return bad_request(type.error());
    const auto id = string_at(list[at], "entity_id", path);
    if (!id) return bad_request(id.error());
    const auto version = optional_integer_at(list[at], "row_version", path);
    if (!version) return bad_request(version.error());
    const EntityKey key{*type, *id};
    auto document = documents_.find(key);
    if (document && !is_visible(*document, caller.user_id)) document.reset();
    if (document && *version == document->row_version) {
      unchanged += (unchanged.empty() ? "" : ",") + json_string(*id);
    } else {
      changes.push_back(document ? std::move(*document) : absence(key, *version, now));
    }
  }
  return ok_reply(head(now) + ",\"changes\":[" + joined(changes) + "],\"unchanged\":[" + unchanged +
                  "]}");
}

http::Response Pull::search(const Caller& caller, const Json& query, Instant now) {
  auto search = read_search(query);
  if (!search) return bad_request(search.error());
  const auto asked = limit_of(query, "query");
  if (!asked) return bad_request(asked.error());
  const auto limit = static_cast<std::size_t>(*asked);
  std::vector<Document> found;
  bool more = true;
  while (more && found.size() <= limit) {
    auto slice = documents_.by_type(search->type, caller.user_id, search->after, kSearchSlice);
    more = static_cast<std::int64_t>(slice.size()) == kSearchSlice;
    if (!slice.empty()) search->after = slice.back().key.id;
    for (Document& document : slice) {
      if (matches(*search, document)) found.push_back(std::move(document));
    }
  }
  const bool has_next = found.size() > limit;
  if (has_next) found.resize(limit);
  const std::string next = has_next ? json_string(found.back().key.id) : "null";
  return ok_reply(head(now) + ",\"changes\":[" + joined(found) + "],\"next\":" + next + "}");
}

// P-91: the KPIs, and beside them what the first screen counts.
http::Response Pull::dashboard(const Caller& caller, Instant now) {
  const auto unread = documents_.listed("notification", caller.user_id);
  const auto count = std::count_if(unread.begin(), unread.end(), [](const Document& document) {
    return !Json::parse(document.data, nullptr, false).value("read", false);
  });
  const Json totals = {{"pending_approvals", documents_.listed("approval", caller.user_id).size()},
                       {"unread_notifications", count}};
  return ok_reply(head(now) + ",\"totals\":" + dump_json(totals) + ",\"items\":[" +
                  joined(documents_.listed("kpi", caller.user_id)) + "]}");
}

http::Response Pull::list(const Caller& caller, std::string_view entity_type, Instant now) {
  return ok_reply(head(now) + ",\"items\":[" +
                  joined(documents_.listed(entity_type, caller.user_id)) + "]}");
}

http::Response Pull::list_page(const Caller& caller, std::string_view entity_type,
                               std::string_view query, Instant now) {
  std::int64_t limit = options_.page_limit;
  if (const std::string asked = query_value(query, "limit"); !asked.empty()) {
    const auto [end, error] = std::from_chars(asked.data(), asked.data() + asked.size(), limit);
    if (error != std::errc{} || end != asked.data() + asked.size() || limit < 1) {
      return error_reply(400, "BAD_REQUEST", "limit must be a number of at least 1");
    }
    limit = std::min(limit, options_.page_limit);
  }
  auto items =
      documents_.by_type(entity_type, caller.user_id, query_value(query, "after"), limit + 1);
  const bool has_next = static_cast<std::int64_t>(items.size()) > limit;
  if (has_next) items.pop_back();
  const std::string next = has_next ? json_string(items.back().key.id) : "null";
  return ok_reply(head(now) + ",\"items\":[" + joined(items) + "],\"next\":" + next + "}");
}

}  // namespace landfall::backend
