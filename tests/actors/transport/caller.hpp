#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include <catch2/catch.hpp>

#include "actors/transport/http_transport.hpp"

namespace landfall::testing {

class RealClock final : public actors::Clock {
 public:
  explicit RealClock(double speed = 1.0) : speed_(speed) {}
  [[nodiscard]] Instant now() const override {
    const auto passed = (std::chrono::steady_clock::now() - since_) * speed_;
    return Instant{std::chrono::duration_cast<Duration>(passed).count()};
  }
  [[nodiscard]] double speed() const override { return speed_; }

 private:
  const double speed_;
  const std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

// Long enough for a busy machine; a test that needs it has failed.
inline constexpr Duration kLong{60'000};

inline http::Request post_request(std::string body = "{}") {
  return {"POST", "/api/thing", {{"X-Device-Id", "d1"}}, std::move(body)};
}

// A transport, and its answers waited for.
class Caller final {
 public:
  explicit Caller(const std::string& origin, transport::TransportOptions options = {},
                  double speed = 1.0)
      : clock_(speed) {
    auto parsed = transport::parse_origin(origin);
    REQUIRE(parsed.has_value());
    transport_ = std::make_unique<transport::HttpTransport>(*parsed, clock_, std::move(options));
  }

  // The answer will come; `number` names the call for `cancel`.
  std::future<http::Answer> start(http::Request request = post_request(), Duration timeout = kLong,
                                  std::size_t response_bytes_max = 1U << 20U,
                                  std::uint64_t number = 0) {
    const auto promise = std::make_shared<std::promise<http::Answer>>();
    transport_->start(number != 0 ? number : ++last_number_, request, timeout, response_bytes_max,
                      [promise](http::Answer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }

  http::Answer call(http::Request request = post_request(), Duration timeout = kLong,
                    std::size_t response_bytes_max = 1U << 20U) {
    return start(std::move(request), timeout, response_bytes_max).get();
  }

  // "200 body", or the failure's name.
  std::string outcome(http::Request request = post_request(), Duration timeout = kLong,
                      std::size_t response_bytes_max = 1U << 20U) {
    return text_of(call(std::move(request), timeout, response_bytes_max));
  }

  static std::string text_of(const http::Answer& answer) {
    REQUIRE(answer.response.has_value() != answer.failure.has_value());
    if (answer.response)
      return std::to_string(answer.response->status) + " " + answer.response->body;
    switch (*answer.failure) {
      case http::TransportFailure::not_sent:
        return "not_sent";
      case http::TransportFailure::silent:
        return "silent";
      case http::TransportFailure::cut:
        return "cut";
      case http::TransportFailure::too_large:
        return "too_large";
      case http::TransportFailure::no_session:
        break;
    }
    return "no transport says this";
  }

  transport::HttpTransport& transport() { return *transport_; }

 private:
  RealClock clock_;
  std::unique_ptr<transport::HttpTransport> transport_;
  std::uint64_t last_number_ = 0;
};

}  // namespace landfall::testing
