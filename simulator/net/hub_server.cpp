#include "simulator/net/hub_server.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/beast/core/string.hpp>

namespace landfall::net {

using boost::system::error_code;

bool HubServer::is_upgrade(const http::Request& request) {
  const auto upgrade = http::find_header(request.headers, "Upgrade");
  return request.method == "GET" && upgrade &&
         boost::beast::iequals({upgrade->data(), upgrade->size()}, "websocket");
}

void HubServer::upgrade(const std::shared_ptr<HttpSession>& session, const http::Request& request) {
  auto opening = backend_.open_hub(request, clock_.now());
  if (!opening.connection) return session->answer(std::move(opening.refusal));
  const std::uint64_t connection = *opening.connection;
  auto socket = std::make_shared<HubSocket>(
      session->take_stream(),
      [this, connection](const std::string& text) {
        backend_.hear_hub(connection, text, clock_.now());
        carry();
      },
      [this, connection] {
        backend_.leave_hub(connection, clock_.now());
        sockets_.erase(connection);
      });
  sockets_.emplace(connection, socket);
  socket->accept(request);
  carry();
}

void HubServer::carry() {
  for (auto& output : backend_.take_hub_output(clock_.now())) {
    const auto found = sockets_.find(output.connection);
    if (found != sockets_.end()) found->second->say(std::move(output.texts), output.close);
  }
  wake_when_due();
}

void HubServer::wake_when_due() {
  const auto next = backend_.next_hub_wake();
  if (!next) return void(timer_.cancel());
  const double left_ms =
      static_cast<double>(std::max((*next - clock_.now()).count(), std::int64_t{1}));
  timer_.expires_after(
      std::chrono::microseconds{static_cast<std::int64_t>(left_ms * 1'000.0 / clock_.speed())});
  timer_.async_wait([this](error_code error) {
    if (!error) carry();
  });
}

void HubServer::cut() {
  const auto all = sockets_;
  for (const auto& [connection, socket] : all) socket->reset();
}

}  // namespace landfall::net
