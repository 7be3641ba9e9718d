#include "engine/host/incoming.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "engine/host/api_schema.hpp"
#include "schema/limits.hpp"

namespace landfall::host {
namespace {

constexpr JsonLimits kLimits{limits::kRequestJsonBytesMax, limits::kJsonDepthMax};

// What an app says is sent as it was said, so that a number that would be rounded is refused.
Result<Json> parse_exact(std::string_view text) {
  LANDFALL_TRY_ASSIGN(Json parsed, parse_json(text, kLimits));
  LANDFALL_TRY(check_integers(text));
  return parsed;
}

tl::unexpected<Refusal> refuse(std::optional<std::int64_t> reply, Error error) {
  return tl::unexpected<Refusal>(Refusal{reply, std::move(error)});
}

Error unexpected_member(std::string_view key) {
  return field_error("field.unknown", "", path_part(key), "is not part of a message");
}

// Envelopes have few members; a misspelt one would otherwise be ignored in silence.
std::optional<Error> unknown_member(const Json& envelope,
                                    std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : envelope.items()) {
    bool found = false;
    for (const auto name : known) found = found || key == name;
    if (!found) return unexpected_member(key);
  }
  return std::nullopt;
}

tl::expected<Incoming, Refusal> read_request(Json& envelope) {
  auto id = integer_at(envelope, "id");
  if (!id) return refuse(std::nullopt, id.error());
  if (auto error = unknown_member(envelope, {"id", "request", "params"}))
    return refuse(*id, *error);
  auto name = string_at(envelope, "request");
  if (!name) return refuse(*id, name.error());
  Json params = Json::object();
  if (const auto found = envelope.find("params"); found != envelope.end())
    params = std::move(*found);
  if (auto valid = check_params(*name, params); !valid) return refuse(*id, valid.error());
  return Incoming{Request{*id, std::move(*name), std::make_shared<const Json>(std::move(params))}};
}

// A host's own error in an answer, as one of ours.
Error host_error(const Json& error) {
  const auto code = error.find("code");
  const auto message = error.find("message");
  const bool has_code =
      code != error.end() && code->is_string() && !code->get_ref<const std::string&>().empty();
  const bool has_message = message != error.end() && message->is_string();
  return Error{
      ErrorClass::transient, has_code ? path_part(code->get<std::string>()) : "port.failed",
      has_message ? quote_input(message->get<std::string>()) : "the host could not answer"};
}

tl::expected<Incoming, Refusal> read_answer(Json& envelope) {
  auto question = integer_at(envelope, "answer");
  if (!question) return refuse(std::nullopt, question.error());
  if (auto error = unknown_member(envelope, {"answer", "result", "error"}))
    return refuse(std::nullopt, *error);
  const auto result = envelope.find("result");
  const auto error = envelope.find("error");
  if ((result == envelope.end()) == (error == envelope.end())) {
    return refuse(std::nullopt, Error{ErrorClass::invalid, "request.invalid",
                                      "an answer has either a result or an error", "result"});
  }
  if (error != envelope.end()) {
    if (!error->is_object()) {
      return refuse(std::nullopt, field_error("field.type", "", "error", "expected an object"));
    }
    return Incoming{Answer{*question, failure(host_error(*error))}};
  }
  if (!result->is_object()) {
    return refuse(std::nullopt, field_error("field.type", "", "result", "expected an object"));
  }
  return Incoming{Answer{*question, std::make_shared<const Json>(std::move(*result))}};
}

}  // namespace

tl::expected<Incoming, Refusal> parse_incoming(std::string_view text) {
  auto envelope = parse_exact(text);
  if (!envelope) return refuse(std::nullopt, envelope.error());
  if (envelope->is_object() && envelope->contains("request")) return read_request(*envelope);
  if (envelope->is_object() && envelope->contains("answer")) return read_answer(*envelope);
  return refuse(std::nullopt, Error{ErrorClass::invalid, "request.invalid",
                                    "expected an object with `request` or `answer`"});
}

Result<std::shared_ptr<const Json>> parse_params(std::string_view name,
                                                 std::string_view params_text) {
  LANDFALL_TRY_ASSIGN(Json params, parse_exact(params_text));
  LANDFALL_TRY(check_params(name, params));
  return std::make_shared<const Json>(std::move(params));
}

}  // namespace landfall::host
