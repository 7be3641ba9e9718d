#include "simulator/backend/reply.hpp"

#include <utility>

#include "simulator/backend/document.hpp"

namespace landfall::backend {
namespace {

http::Response json_reply(int status, std::string body) {
  return {status, {{"Content-Type", "application/json; charset=utf-8"}}, std::move(body)};
}

}  // namespace

http::Response ok_reply(std::string body) { return json_reply(200, std::move(body)); }

http::Response error_reply(int status, std::string_view code, std::string_view message,
                           std::string_view details) {
  auto reply = json_reply(status, "{\"error\":{\"code\":" + json_string(code) +
                                      ",\"message\":" + json_string(message) +
                                      ",\"details\":" + std::string{details} + "}}");
  if (status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  return reply;
}

http::Response bad_request(const Error& error) {
  std::string details;
  if (error.field) details += "\"field\":" + json_string(*error.field);
  if (error.offset)
    details += (details.empty() ? "" : ",") + ("\"offset\":" + std::to_string(*error.offset));
  const bool unreadable = error.code.starts_with("json.");
  return error_reply(400, unreadable ? "BAD_JSON" : "BAD_REQUEST", error.message,
                     "{" + details + "}");
}

}  // namespace landfall::backend
