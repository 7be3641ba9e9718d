#include "tests/actors/transport/scripted_server.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <tuple>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/assert.hpp"

namespace landfall::testing {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A socket bound to a free port of 127.0.0.1, and the port.
std::pair<int, std::uint16_t> bound_socket() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  LANDFALL_ASSERT(descriptor >= 0);
  LANDFALL_ASSERT(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) == 0);
  LANDFALL_ASSERT(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return {descriptor, ntohs(address.sin_port)};
}

std::size_t body_bytes(const std::string& head) {
  const auto at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
}

}  // namespace

// --- one connection -----------------------------------------------------------------------------

std::string Peer::read_some() {
  if (!pending_.empty()) return std::exchange(pending_, {});
  std::array<char, 65'536> buffer{};
  const auto got = descriptor_ < 0 ? -1 : ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : std::string{};
}

std::string Peer::read_request() {
  std::string text;
  std::size_t wanted = std::string::npos;
  while (text.size() < wanted) {
    const std::string more = read_some();
    if (more.empty()) return text;
    text += more;
    const auto end = text.find("\r\n\r\n");
    if (end != std::string::npos) wanted = end + 4 + body_bytes(text.substr(0, end));
  }
  pending_ = text.substr(wanted);
  return text.substr(0, wanted);
}

void Peer::wait_until_left() {
  while (!read_some().empty()) {
  }
}

void Peer::write(std::string_view text) {
  while (descriptor_ >= 0 && !text.empty()) {
    const auto sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Peer::close() {
  if (descriptor_ >= 0) ::shutdown(descriptor_, SHUT_RDWR);
}

void Peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  // A descriptor is closed by the server that opened it; connecting to nowhere resets this one.
  sockaddr_in nowhere{};
  nowhere.sin_family = AF_UNSPEC;
  ::connect(descriptor_, reinterpret_cast<sockaddr*>(&nowhere), sizeof nowhere);
}

// --- the server ---------------------------------------------------------------------------------

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
  std::tie(listener_, port_) = bound_socket();
  LANDFALL_ASSERT(::listen(listener_, 128) == 0);
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int descriptor : open_) ::shutdown(descriptor, SHUT_RDWR);
  }
  for (auto& thread : threads_) thread.join();
  ::close(listener_);
}

void ScriptedServer::accept_all() {
  while (true) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    const std::size_t connection = connections_++;
    const std::lock_guard lock(mutex_);
    open_.push_back(descriptor);
    threads_.emplace_back([this, descriptor, connection] { serve(descriptor, connection); });
  }
}

void ScriptedServer::serve(int descriptor, std::size_t connection) {
  {
    Peer peer(descriptor);
    script_(peer, connection);
  }
  const std::lock_guard lock(mutex_);
  open_.erase(std::find(open_.begin(), open_.end(), descriptor));
  ::close(descriptor);
  ++ended_;
  ended_changed_.notify_all();
}

void ScriptedServer::wait_for_ended(std::size_t count) {
  std::unique_lock lock(mutex_);
  ended_changed_.wait(lock, [&] { return ended_ >= count; });
}

std::uint16_t refused_port() {
  const auto [descriptor, port] = bound_socket();
  ::close(descriptor);
  return port;
}

}  // namespace landfall::testing
