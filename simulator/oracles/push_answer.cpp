#include "simulator/oracles/push_answer.hpp"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"

namespace landfall::oracles {
namespace {

// The bounds within which a server's wish is believed (wire.md: retry_after_max_s; and thirty
// repeats a minute are never exceeded).
constexpr Duration kWaitMin{2'000};
constexpr Duration kWaitMax{3'600'000};

using Answers = std::vector<OperationAnswer>;

std::optional<std::int64_t> version_of_entity(const Json& item) {
  if (!item.is_object()) return std::nullopt;
  const auto entity = object_at(item, "entity");
  if (!entity) return std::nullopt;
  return optional_integer_at(**entity, "row_version").value_or(std::nullopt);
}

std::optional<OperationAnswer> read_one(const Json& item) {
  if (!item.is_object()) return std::nullopt;
  const auto id = string_at(item, "id");
  const auto status = string_at(item, "status");
  if (!id || !status) return std::nullopt;
  OperationAnswer answer{*id, *status, "", std::nullopt, version_of_entity(item), false};
  answer.reason = optional_string_at(item, "reason").value_or(std::nullopt).value_or("");
  answer.retry_after_s = optional_integer_at(item, "retry_after_s").value_or(std::nullopt);
  return answer;
}

std::optional<Answers> read_list(const http::Response& response, std::string_view list) {
  if (response.status / 100 != 2) return std::nullopt;
  const Json body = Json::parse(response.body, nullptr, false);
  if (!body.is_object()) return std::nullopt;
  const auto items = array_at(body, list);
  if (!items) return std::nullopt;
  Answers answers;
  for (const Json& item : **items) {
    auto one = read_one(item);
    if (!one) return std::nullopt;
    answers.push_back(std::move(*one));
  }
  return answers;
}

// The status of such a call is the verdict of its one operation.
std::optional<Answers> read_endpoint(const http::Request& request, const http::Response& response) {
  OperationAnswer answer;
  answer.by_status = true;
  answer.id = http::header_text(request.headers, "Idempotency-Key");
  switch (response.status) {
    case 400:
    case 403:
    case 404:
    case 410:
    case 413:
    case 422:
      answer.status = "rejected";
      return Answers{answer};
    case 409:
    case 412:
      answer.status = "conflict";
      return Answers{answer};
    default:
      break;
  }
  if (response.status / 100 != 2) return std::nullopt;
  answer.status = "applied";
  answer.row_version = version_of_entity(Json::parse(response.body, nullptr, false));
  if (!answer.row_version) return std::nullopt;
  return Answers{answer};
}

}  // namespace

bool is_verdict(const OperationAnswer& answer) {
  return answer.status == "applied" || answer.status == "conflict" || answer.status == "rejected";
}

std::optional<Answers> operation_answers(std::optional<backend::RouteId> route,
                                         const http::Request& request, const http::Answer& answer) {
  if (!route || !answer.response) return std::nullopt;
  switch (*route) {
    case backend::RouteId::push:
    case backend::RouteId::bulk:
      return read_list(*answer.response, "results");
    case backend::RouteId::receipts:
      return read_list(*answer.response, "receipts");
    case backend::RouteId::approve:
    case backend::RouteId::reject:
    case backend::RouteId::update_pr:
      return read_endpoint(request, *answer.response);
    default:
      return std::nullopt;
  }
}

std::optional<Duration> asked_wait(const http::Response& response) {
  const auto text = http::find_header(response.headers, "Retry-After");
  if (!text) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return std::clamp(Duration{seconds * 1000}, kWaitMin, kWaitMax);
}

}  // namespace landfall::oracles
