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

std::optional<OperationAnswer> read_one(const Json& item) {
  if (!item.is_object()) return std::nullopt;
  const auto id = string_at(item, "id");
  const auto status = string_at(item, "status");
  if (!id || !status) return std::nullopt;
  OperationAnswer answer{*id, *status, "", std::nullopt, std::nullopt};
  answer.reason = optional_string_at(item, "reason").value_or(std::nullopt).value_or("");
  answer.retry_after_s = optional_integer_at(item, "retry_after_s").value_or(std::nullopt);
  if (const auto entity = object_at(item, "entity")) {
    answer.row_version = optional_integer_at(**entity, "row_version").value_or(std::nullopt);
  }
  return answer;
}

}  // namespace

bool is_verdict(const OperationAnswer& answer) {
  return answer.status == "applied" || answer.status == "conflict" || answer.status == "rejected";
}

std::optional<std::vector<OperationAnswer>> read_operation_answers(const http::Answer& answer,
                                                                   std::string_view list) {
  if (!answer.response || answer.response->status / 100 != 2) return std::nullopt;
  const Json body = Json::parse(answer.response->body, nullptr, false);
  if (!body.is_object()) return std::nullopt;
  const auto items = array_at(body, list);
  if (!items) return std::nullopt;
  std::vector<OperationAnswer> answers;
  for (const Json& item : **items) {
    auto one = read_one(item);
    if (!one) return std::nullopt;
    answers.push_back(std::move(*one));
  }
  return answers;
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
