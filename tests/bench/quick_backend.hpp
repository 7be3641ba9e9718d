#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "engine/http/message.hpp"

namespace landfall::bench {

// What a server has seen so far.
struct ServerCounts {
  std::uint64_t requests = 0;
  std::uint64_t pushes = 0;  // calls that carry operations
  std::uint64_t pulls = 0;
  std::uint64_t refreshes = 0;     // of the token
  std::uint64_t unauthorized = 0;  // answered with 401
  std::uint64_t operations = 0;    // carried out
};

// ProKure's server, reduced to the shape of its answers, so that it takes no time worth measuring:
// every operation is applied and every pull is empty, unless somebody else answers them. Any
// thread.
class QuickBackend final {
 public:
  using AnswerPull = std::function<std::string(const std::string& body)>;

  QuickBackend() = default;
  explicit QuickBackend(AnswerPull answer_pull) : answer_pull_(std::move(answer_pull)) {}

  [[nodiscard]] http::Response answer(const http::Request& request);
  // From here on only a token is taken that it gave out itself.
  void expire_tokens();
  // From here on everything is a 503.
  void break_down();
  [[nodiscard]] ServerCounts counts() const;

 private:
  [[nodiscard]] http::Response answer_call(const http::Request& request);

  const AnswerPull answer_pull_;
  mutable std::mutex mutex_;
  ServerCounts counts_;
  bool expired_ = false;
  bool broken_ = false;
};

}  // namespace landfall::bench
