#include "simulator/net/http_message.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>
#include <utility>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/write.hpp>

namespace landfall::net {
namespace {

namespace beast = boost::beast;

constexpr std::array<std::string_view, 6> kOfTheConnection{
    "Connection", "Keep-Alive", "Content-Length", "Transfer-Encoding", "Trailer", "Upgrade"};

std::string text_of(beast::string_view view) { return {view.data(), view.size()}; }

bool is_of_the_connection(std::string_view name) {
  return std::any_of(kOfTheConnection.begin(), kOfTheConnection.end(), [&](std::string_view own) {
    return beast::iequals({name.data(), name.size()}, {own.data(), own.size()});
  });
}

}  // namespace

http::Request request_of(BeastRequest message) {
  http::Request request;
  request.method = text_of(message.method_string());
  request.target = text_of(message.target());
  for (const auto& field : message) {
    request.headers.emplace_back(text_of(field.name_string()), text_of(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

http::Response response_of(BeastResponse message) {
  http::Response response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    response.headers.emplace_back(text_of(field.name_string()), text_of(field.value()));
  }
  response.body = std::move(message.body());
  return response;
}

BeastUpgrade upgrade_of(const http::Request& request) {
  BeastUpgrade upgrade;
  upgrade.method(beast::http::verb::get);
  upgrade.target(request.target);
  upgrade.version(11);
  for (const auto& [name, value] : request.headers) upgrade.insert(name, value);
  return upgrade;
}

BeastResponse message_of(http::Response response, unsigned version, bool keep_alive) {
  BeastResponse message;
  message.version(version);
  message.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers) {
    if (!is_of_the_connection(name)) message.insert(name, value);
  }
  message.keep_alive(keep_alive);
  message.body() = std::move(response.body);
  message.prepare_payload();
  return message;
}

std::string bytes_of(const BeastResponse& message) {
  std::ostringstream bytes;
  bytes << message;
  return std::move(bytes).str();
}

}  // namespace landfall::net
