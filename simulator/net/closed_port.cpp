#include "simulator/net/closed_port.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace landfall::net {

Result<ClosedPort> ClosedPort::take() {
  ClosedPort port(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (port.socket_ < 0 || ::bind(port.socket_, any, size) != 0 ||
      ::getsockname(port.socket_, any, &size) != 0) {
    return failure(ErrorClass::refused, "server.port",
                   "cannot take a port of 127.0.0.1: " + std::generic_category().message(errno));
  }
  port.port_ = ntohs(address.sin_port);
  return port;
}

ClosedPort::~ClosedPort() {
  if (socket_ >= 0) ::close(socket_);
}

ClosedPort::ClosedPort(ClosedPort&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), port_(other.port_) {}

std::string ClosedPort::origin() const { return "http://127.0.0.1:" + std::to_string(port_); }

}  // namespace landfall::net
