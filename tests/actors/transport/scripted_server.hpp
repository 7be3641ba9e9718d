#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace landfall::testing {

// The server's end of one connection, in blocking calls. What fails because the client left is no
// error: reads come back empty, writes go nowhere.
class Peer final {
 public:
  explicit Peer(int descriptor) : descriptor_(descriptor) {}
  ~Peer() { close(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  // Head and body of the next request; what came of it when the client left before.
  std::string read_request();
  // Waits until there is something; empty when the client left.
  std::string read_some();
  // Reads to nowhere until the client leaves.
  void wait_until_left();
  void write(std::string_view text);
  void close();
  // Closes with a reset instead of an end.
  void reset();

 private:
  int descriptor_;
  std::string pending_;
};

// A server on 127.0.0.1 that treats each connection as a script says, each on its own thread.
class ScriptedServer final {
 public:
  // `connection` counts from zero.
  using Script = std::function<void(Peer& peer, std::size_t connection)>;

  explicit ScriptedServer(Script script);
  // Ends the connections that are still open; scripts see clients that left.
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::size_t connections() const { return connections_; }
  // Returns when so many scripts have ended.
  void wait_for_ended(std::size_t count);

 private:
  void accept_all();
  void serve(int descriptor, std::size_t connection);

  Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> connections_ = 0;
  std::mutex mutex_;
  std::condition_variable ended_changed_;
  std::vector<int> open_;
  std::size_t ended_ = 0;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// A port of 127.0.0.1 on which nobody listens.
[[nodiscard]] std::uint16_t refused_port();

}  // namespace landfall::testing
