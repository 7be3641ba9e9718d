#include "engine/host/outgoing.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace landfall::host {
namespace {

// Not by braces, which would copy `content` twice.
std::string envelope_text(const char* name, std::int64_t id, const char* kind, Json content) {
  Json envelope = Json::object();
  envelope[name] = id;
  envelope[kind] = std::move(content);
  return dump_json(envelope);
}

}  // namespace

Json room_json(const Room& room) {
  return Json{{"operations", room.operations}, {"bytes", room.bytes}};
}

Json error_json(const Error& error) {
  Json json{{"code", error.code}, {"message", error.message}, {"class", to_string(error.kind)}};
  if (error.field) json["field"] = *error.field;
  if (error.offset) json["offset"] = *error.offset;
  if (error.room) json["free"] = room_json(*error.room);
  return json;
}

std::string reply_text(std::int64_t id, Json result) {
  return envelope_text("reply", id, "result", std::move(result));
}

std::string reply_error_text(std::optional<std::int64_t> id, const Error& error) {
  Json json{{"reply", nullptr}, {"error", error_json(error)}};
  if (id) json["reply"] = *id;
  return dump_json(json);
}

std::string ticket_text(std::int64_t ticket, Result<Json> result) {
  if (result) return envelope_text("ticket", ticket, "result", std::move(*result));
  return envelope_text("ticket", ticket, "error", error_json(result.error()));
}

std::string event_text(std::string_view event, const Json& data) {
  return dump_json(Json{{"event", event}, {"data", data}});
}

std::string question_text(std::int64_t question, std::string_view port, const Json& data) {
  return dump_json(Json{{"question", question}, {"port", port}, {"data", data}});
}

std::string cancel_text(std::int64_t question) { return dump_json(Json{{"cancel", question}}); }

}  // namespace landfall::host
