#include "simulator/net/http_listener.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/assert.hpp"

namespace landfall::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// How long to wait before accepting again when the system had no descriptor left.
constexpr std::chrono::milliseconds kAcceptPause{50};

void share_port(tcp::acceptor& acceptor) {
  const int on = 1;
  if (::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) return;
  throw boost::system::system_error(errno, boost::system::system_category());
}

void bind(tcp::acceptor& acceptor, std::uint16_t port, bool shares_port) {
  const tcp::endpoint endpoint{asio::ip::address_v4::loopback(), port};
  acceptor.open(endpoint.protocol());
  acceptor.set_option(asio::socket_base::reuse_address{true});
  if (shares_port) share_port(acceptor);
  acceptor.bind(endpoint);
}

}  // namespace

// Those that are open. A session may outlive the listener by a moment, so that the table is shared.
struct HttpListener::Sessions {
  std::map<std::uint64_t, std::weak_ptr<HttpSession>> by_number;
  std::uint64_t last_number = 0;
};

HttpListener::HttpListener(asio::io_context& io, HttpListenerOptions options,
                           HttpSession::OnRequest on_request)
    : options_(options),
      on_request_(std::move(on_request)),
      sessions_(std::make_shared<Sessions>()),
      acceptor_(io),
      kept_(io),
      pause_(io) {
  LANDFALL_ASSERT(!options.keeps_port || options.port == 0);
}

HttpListener::~HttpListener() = default;

Status HttpListener::listen() {
  try {
    if (options_.keeps_port) {
      bind(kept_, 0, true);
      port_ = kept_.local_endpoint().port();
    }
    open(options_.keeps_port ? port_ : options_.port);
    port_ = acceptor_.local_endpoint().port();
  } catch (const boost::system::system_error& error) {
    return failure(ErrorClass::refused, "server.port",
                   "cannot listen on 127.0.0.1:" + std::to_string(options_.port) + ": " +
                       error.code().message());
  }
  accept();
  return {};
}

void HttpListener::open(std::uint16_t port) {
  bind(acceptor_, port, options_.keeps_port);
  acceptor_.listen();
}

void HttpListener::set_up(bool up) {
  LANDFALL_ASSERT(options_.keeps_port);
  if (up == is_up()) return;
  if (up) {
    open(port_);
    return accept();
  }
  ++generation_;
  pause_.cancel();
  acceptor_.close();
  std::vector<std::shared_ptr<HttpSession>> open_ones;
  for (const auto& [number, session] : sessions_->by_number) open_ones.push_back(session.lock());
  for (const auto& session : open_ones) {
    if (session) session->reset();
  }
}

void HttpListener::accept() {
  acceptor_.async_accept([this, generation = generation_](error_code error, tcp::socket socket) {
    if (generation == generation_) return on_accepted(error, std::move(socket));
    // It was accepted just before the listener went down.
    error_code ignored;
    socket.set_option(asio::socket_base::linger{true, 0}, ignored);
  });
}

void HttpListener::on_accepted(error_code error, tcp::socket socket) {
  if (error) {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this, generation = generation_](error_code) {
      if (generation == generation_) accept();
    });
    return;
  }
  if (sessions_->by_number.size() < options_.connections_max) start_session(std::move(socket));
  accept();
}

void HttpListener::start_session(tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  const std::uint64_t number = ++sessions_->last_number;
  auto session = std::make_shared<HttpSession>(
      std::move(socket), options_.limits, on_request_,
      [sessions = sessions_, number] { sessions->by_number.erase(number); });
  sessions_->by_number.emplace(number, session);
  session->start();
}

}  // namespace landfall::net
