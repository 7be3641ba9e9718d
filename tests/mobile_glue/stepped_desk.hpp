#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/stepped.hpp"
#include "engine/base/secure_random.hpp"
#include "mobile_glue/c/landfall.h"

namespace landfall::test {

class ManualClock final : public actors::Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  void advance(Duration by) { now_ = now_ + by; }

 private:
  Instant now_{1'800'000'000'000};
};

// A network that answers when the test says so.
class HeldTransport final : public actors::Transport {
 public:
  void start(std::uint64_t call, const http::Request& request, Duration timeout,
             std::size_t response_bytes_max, Done done) override;
  void cancel(std::uint64_t call) override;

  // Answers every open call whose target ends with `target`; true when there was one.
  bool answer(const std::string& target, int status, const std::string& body);
  [[nodiscard]] std::size_t open() const { return calls_.size(); }

 private:
  struct Call {
    std::uint64_t number;
    std::string target;
    Done done;
  };
  std::vector<Call> calls_;
};

// The edges of one engine in virtual time over a real directory.
class SteppedDesk final {
 public:
  [[nodiscard]] actors::Environment environment();
  // Opens and returns the handle; fails the test when it does not open.
  [[nodiscard]] landfall_engine* open(const std::string& directory);

  [[nodiscard]] ManualClock& clock() { return clock_; }
  [[nodiscard]] HeldTransport& transport() { return transport_; }

 private:
  ManualClock clock_;
  HeldTransport transport_;
  SeededSecureRandom random_{{}};
};

// Lets every actor handle what it has.
void run_all(actors::SteppedRuntime& runtime);

// The body of a login that succeeds under the profile `prokure`.
[[nodiscard]] std::string login_body(const std::string& user_id);

}  // namespace landfall::test
