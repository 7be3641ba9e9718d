#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/actors/transport/scripted_server.hpp"

namespace landfall::testing {

// A server on 127.0.0.1 that gives every request the same answer and remembers it.
class RecordingServer final {
 public:
  explicit RecordingServer(std::string body = R"({"decided":true})")
      : body_(std::move(body)), server_([this](Peer& peer, std::size_t) { serve(peer); }) {}

  [[nodiscard]] std::string origin() const { return "http://" + server_.authority(); }
  [[nodiscard]] const std::string& body() const { return body_; }

  [[nodiscard]] std::size_t requests() const {
    const std::lock_guard lock(mutex_);
    return requests_.size();
  }
  // Returns when so many requests have come; the last of them, head and body.
  std::string wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return requests_.size() >= count; });
    return requests_.at(count - 1);
  }

 private:
  void serve(Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty();
         request = peer.read_request()) {
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      arrived_.notify_all();
      peer.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                 std::to_string(body_.size()) + "\r\n\r\n" + body_);
    }
  }

  const std::string body_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::string> requests_;
  ScriptedServer server_;
};

}  // namespace landfall::testing
