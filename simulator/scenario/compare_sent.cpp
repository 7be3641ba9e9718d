#include "simulator/scenario/compare_sent.hpp"

#include <string>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/faults/path_pattern.hpp"

namespace landfall::scenario {
namespace {

// Where the scenario leaves a text open, what was sent there counts as expected.
Json filled_in(const Json& expected, const Json& actual) {
  if (expected == "*" && actual.is_string() && !actual.get_ref<const std::string&>().empty())
    return actual;
  if (!expected.is_object() || !actual.is_object()) return expected;
  Json filled = expected;
  for (auto& [key, value] : filled.items())
    if (actual.contains(key)) value = filled_in(value, actual[key]);
  return filled;
}

Json to_json(const http::Request& request) {
  Json headers = Json::object();
  for (const auto& [name, value] : request.headers) headers[name] = value;
  const Json body = Json::parse(request.body, nullptr, false);
  return {{"method", request.method},
          {"headers", std::move(headers)},
          {"body", body.is_discarded() ? Json{} : body}};
}

std::optional<Mismatch> compare_one(const std::string& path, const Json& expected,
                                    const Json& actual) {
  const Json wanted = filled_in(expected, actual);
  if (wanted.contains("body") && wanted["body"] != actual["body"])
    return Mismatch{path + ".body " + dump_json(expected["body"]), dump_json(actual["body"])};
  return match(wanted, actual, path);
}

}  // namespace

std::optional<Mismatch> compare_sent(const Stage& stage, const PhoneRecord& record,
                                     const Json& expected) {
  for (const auto& [endpoint, wanted] : expected.items()) {
    const std::string path = "sent." + endpoint;
    const http::Request* last = nullptr;
    for (const auto& request : record.calls) {
      if (faults::matches_path(stage.path_of(endpoint), request.target)) last = &request;
    }
    if (last == nullptr) return Mismatch{path, "no such call was sent"};
    if (auto mismatch = compare_one(path, wanted, to_json(*last))) return mismatch;
  }
  return std::nullopt;
}

}  // namespace landfall::scenario
