#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.hpp"

namespace landfall::net {

// A port of 127.0.0.1 at which the system refuses every connection while this lives: it is taken,
// so that nobody else can listen there, and nobody listens.
class ClosedPort final {
 public:
  // Errors: server.port.
  [[nodiscard]] static Result<ClosedPort> take();
  ~ClosedPort();
  ClosedPort(ClosedPort&& other) noexcept;
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  ClosedPort& operator=(ClosedPort&&) = delete;

  [[nodiscard]] std::string origin() const;  // "http://127.0.0.1:<port>"

 private:
  ClosedPort(int socket, std::uint16_t port) : socket_(socket), port_(port) {}

  int socket_;
  std::uint16_t port_;
};

}  // namespace landfall::net
