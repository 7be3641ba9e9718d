#include "engine/host/outgoing.hpp"

#include <nlohmann/json.hpp>

#include "engine/base/json_string.hpp"

namespace landfall::host {
namespace {

// Members stand in the order of their names, as in every text of a tree.
std::string object_text(std::string_view first, std::string_view value, std::string_view second,
                        std::string_view other) {
  std::string text;
  text.reserve(first.size() + value.size() + second.size() + other.size() + 8);
  text.append("{\"").append(first).append("\":").append(value);
  text.append(",\"").append(second).append("\":").append(other).append("}");
  return text;
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

std::string reply_around(std::int64_t id, std::string_view result_json) {
  return object_text("reply", std::to_string(id), "result", result_json);
}

std::string reply_text(std::int64_t id, const Json& result) {
  return reply_around(id, dump_json(result));
}

std::string reply_error_text(std::optional<std::int64_t> id, const Error& error) {
  Json json{{"reply", nullptr}, {"error", error_json(error)}};
  if (id) json["reply"] = *id;
  return dump_json(json);
}

std::string ticket_around(std::int64_t ticket, std::string_view result_json) {
  return object_text("result", result_json, "ticket", std::to_string(ticket));
}

std::string ticket_text(std::int64_t ticket, const Result<Json>& result) {
  if (result) return ticket_around(ticket, dump_json(*result));
  return object_text("error", dump_json(error_json(result.error())), "ticket",
                     std::to_string(ticket));
}

std::string event_around(std::string_view event, std::string_view data_json) {
  std::string name;
  append_json_string(name, event);
  return object_text("data", data_json, "event", name);
}

std::string event_text(std::string_view event, const Json& data) {
  return event_around(event, dump_json(data));
}

std::string question_text(std::int64_t question, std::string_view port, const Json& data) {
  return dump_json(Json{{"question", question}, {"port", port}, {"data", data}});
}

std::string cancel_text(std::int64_t question) { return dump_json(Json{{"cancel", question}}); }

}  // namespace landfall::host
