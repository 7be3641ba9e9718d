#include "engine/realtime/hub_message.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "schema/limits.hpp"

namespace landfall::realtime {
namespace {

constexpr int kInvocation = 1;
constexpr int kCompletion = 3;
constexpr int kPing = 6;
constexpr int kClose = 7;

tl::unexpected<Error> invalid(std::string message,
                              std::optional<std::string> field = std::nullopt) {
  return failure(Error{ErrorClass::transient, "hub.invalid", std::move(message), std::move(field)});
}

Result<Json> parse_object(std::string_view text) {
  auto parsed = parse_json(text, {limits::kHubMessageBytesMax, limits::kHubDepthMax});
  if (!parsed) return invalid("a message of the hub is no JSON: " + parsed.error().message);
  if (!parsed->is_object()) return invalid("a message of the hub is no object");
  return parsed;
}

Result<std::string> text_in(const Json& object, std::string_view key) {
  auto text = optional_string_at(object, key);
  if (!text) return invalid("a message of the hub has a field of another type", std::string(key));
  return text->value_or("");
}

Result<HubMessage> read_invocation(const Json& object) {
  HubMessage message{.kind = HubMessageKind::invocation};
  LANDFALL_TRY_ASSIGN(message.target, text_in(object, "target"));
  if (message.target.empty()) return invalid("an invocation names no target", "target");
  LANDFALL_TRY_ASSIGN(message.invocation_id, text_in(object, "invocationId"));
  const auto arguments = object.find("arguments");
  if (arguments == object.end() || !arguments->is_array())
    return invalid("an invocation has no list of arguments", "arguments");
  message.arguments = *arguments;
  return message;
}

Result<HubMessage> read_close(const Json& object) {
  HubMessage message{.kind = HubMessageKind::close};
  LANDFALL_TRY_ASSIGN(message.error, text_in(object, "error"));
  const auto allows = object.find("allowReconnect");
  if (allows == object.end() || allows->is_null()) return message;
  if (!allows->is_boolean()) return invalid("allowReconnect is no boolean", "allowReconnect");
  message.allow_reconnect = allows->get<bool>();
  return message;
}

bool offers_web_sockets(const Json& transports) {
  return transports.is_array() &&
         std::any_of(transports.begin(), transports.end(), [](const Json& transport) {
           return transport.is_object() && transport.contains("transport") &&
                  transport["transport"] == "WebSockets";
         });
}

std::string record_of(const Json& message) { return dump_json(message) + kRecordSeparator; }

}  // namespace

Result<std::vector<std::string>> RecordReader::feed(std::string_view bytes) {
  std::vector<std::string> records;
  while (true) {
    const std::size_t end = bytes.find(kRecordSeparator);
    const std::string_view piece = bytes.substr(0, end);
    if (pending_.size() + piece.size() > limits::kHubMessageBytesMax) {
      pending_.clear();
      return failure(ErrorClass::transient, "hub.too_large",
                     "a message of the hub is larger than one may be");
    }
    pending_ += piece;
    if (end == std::string_view::npos) return records;
    records.push_back(std::exchange(pending_, {}));
    bytes.remove_prefix(end + 1);
  }
}

Result<HubMessage> parse_hub_message(std::string_view record) {
  LANDFALL_TRY_ASSIGN(const Json object, parse_object(record));
  const auto type = object.find("type");
  if (type == object.end() || !type->is_number_integer())
    return invalid("a message of the hub names no type", "type");
  // An integer that does not fit is a type that nobody knows.
  if (*type == kInvocation) return read_invocation(object);
  if (*type == kClose) return read_close(object);
  if (*type == kPing) return HubMessage{.kind = HubMessageKind::ping};
  if (*type == kCompletion) return HubMessage{.kind = HubMessageKind::completion};
  return HubMessage{};
}

Result<Negotiation> parse_negotiation(std::string_view body) {
  LANDFALL_TRY_ASSIGN(const Json object, parse_object(body));
  LANDFALL_TRY_ASSIGN(const std::string error, text_in(object, "error"));
  if (!error.empty())
    return failure(ErrorClass::transient, "hub.negotiate",
                   "the hub refuses: " + quote_input(error));
  // Another server with another token: nothing is ever followed with credentials.
  if (object.contains("url"))
    return failure(ErrorClass::transient, "hub.negotiate", "the hub sends to another server");
  const auto transports = object.find("availableTransports");
  if (transports == object.end() || !offers_web_sockets(*transports))
    return failure(ErrorClass::transient, "hub.transport", "the hub offers no WebSocket");
  LANDFALL_TRY_ASSIGN(const auto version, optional_integer_at(object, "negotiateVersion"));
  const bool has_token = version.value_or(0) >= 1;
  LANDFALL_TRY_ASSIGN(std::string connection,
                      text_in(object, has_token ? "connectionToken" : "connectionId"));
  if (connection.empty() || connection.size() > limits::kTargetBytesMax / 8)
    return invalid("the hub names no connection", has_token ? "connectionToken" : "connectionId");
  return Negotiation{std::move(connection)};
}

Status parse_handshake_reply(std::string_view record) {
  LANDFALL_TRY_ASSIGN(const Json object, parse_object(record));
  LANDFALL_TRY_ASSIGN(const std::string error, text_in(object, "error"));
  if (!error.empty())
    return failure(ErrorClass::transient, "hub.refused", "the hub refuses: " + quote_input(error));
  // Anything else in its place would be a message that came too early.
  if (object.contains("type")) return invalid("the hub does not answer the handshake", "type");
  return {};
}

std::string handshake_record() { return record_of({{"protocol", "json"}, {"version", 1}}); }

std::string ping_record() { return record_of({{"type", kPing}}); }

std::string completion_record(const std::string& invocation_id, const std::string& error) {
  Json completion{{"type", kCompletion}, {"invocationId", invocation_id}};
  if (!error.empty()) completion["error"] = error;
  if (error.empty()) completion["result"] = nullptr;
  return record_of(completion);
}

}  // namespace landfall::realtime
