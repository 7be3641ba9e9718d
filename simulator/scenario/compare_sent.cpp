#include "simulator/scenario/compare_sent.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/faults/path_pattern.hpp"

namespace landfall::scenario {
namespace {

bool leaves_open(const Json& expected, const Json& actual) {
  if (!expected.is_string() || !actual.is_string()) return false;
  const auto& text = expected.get_ref<const std::string&>();
  const auto& sent = actual.get_ref<const std::string&>();
  return text.ends_with('*') && !sent.empty() && sent.starts_with(text.substr(0, text.size() - 1));
}

// Where the scenario leaves a text open, what was sent there counts as expected.
Json filled_in(const Json& expected, const Json& actual) {
  if (leaves_open(expected, actual)) return actual;
  if (!expected.is_object() || !actual.is_object()) return expected;
  Json filled = expected;
  for (auto& [key, value] : filled.items())
    if (actual.contains(key)) value = filled_in(value, actual[key]);
  return filled;
}

Json headers_of(const http::Request& request) {
  Json headers = Json::object();
  for (const auto& [name, value] : request.headers) headers[name] = value;
  return headers;
}

Json to_json(const http::Request& request) {
  Json body = Json::parse(request.body, nullptr, false);
  if (body.is_discarded()) body = request.body.empty() ? Json{} : Json(request.body);
  return {{"method", request.method},
          {"path", request.target},
          {"headers", headers_of(request)},
          {"body", body},
          {"body_has", body}};
}

std::optional<Mismatch> compare_call(const std::string& path, const Json& expected,
                                     const http::Request& request) {
  const Json actual = to_json(request);
  const Json wanted = filled_in(expected, actual);
  if (wanted.contains("body") && wanted["body"] != actual["body"])
    return Mismatch{path + ".body is " + dump_json(expected["body"]), dump_json(actual["body"])};
  return match(wanted, actual, path);
}

std::vector<const http::Request*> calls_of(const Stage& stage, const PhoneRecord& record,
                                           const std::string& endpoint) {
  std::vector<const http::Request*> calls;
  for (const auto& request : record.sent) {
    if (faults::matches_path(stage.path_of(endpoint), request.target)) calls.push_back(&request);
  }
  return calls;
}

std::optional<Mismatch> compare_calls(const std::string& path, const Json& expected,
                                      const std::vector<const http::Request*>& calls) {
  if (expected.size() != calls.size())
    return Mismatch{std::to_string(expected.size()) + " calls of " + path,
                    std::to_string(calls.size())};
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const std::string where = path + "[" + std::to_string(i) + "]";
    if (auto mismatch = compare_call(where, expected[i], *calls[i])) return mismatch;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Mismatch> compare_sent(const Stage& stage, const PhoneRecord& record,
                                     const Json& expected) {
  for (const auto& [endpoint, wanted] : expected.items()) {
    const std::string path = "sent." + endpoint;
    const auto calls = calls_of(stage, record, endpoint);
    if (!wanted.is_array() && calls.empty()) return Mismatch{path, "no such call was sent"};
    auto mismatch = wanted.is_array() ? compare_calls(path, wanted, calls)
                                      : compare_call(path, wanted, *calls.back());
    if (mismatch) return mismatch;
  }
  return std::nullopt;
}

std::optional<Mismatch> compare_every(const PhoneRecord& record, const Json& headers) {
  if (record.sent.empty()) return Mismatch{"a request", "none"};
  for (const auto& request : record.sent) {
    const Json actual = headers_of(request);
    const std::string path = "every " + request.target;
    if (auto mismatch = match(filled_in(headers, actual), actual, path)) return mismatch;
  }
  return std::nullopt;
}

}  // namespace landfall::scenario
