#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "mobile_glue/offline_transport.hpp"

using namespace landfall;

namespace {

// Collects answers and waits for them.
class Answers final {
 public:
  actors::Transport::Done expect(int number) {
    return [this, number](const http::Answer& answer) {
      const std::lock_guard lock(mutex_);
      CHECK(answer.failure == http::TransportFailure::not_sent);
      CHECK_FALSE(answer.response.has_value());
      came_.push_back(number);
      changed_.notify_all();
    };
  }
  std::vector<int> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return came_.size() >= count; });
    return came_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> came_;
};

}  // namespace

TEST_CASE("offline, every call comes back as not sent, in order, and never from inside start") {
  Answers answers;
  glue::OfflineTransport transport;
  const auto starter = std::this_thread::get_id();
  for (int call = 1; call <= 50; ++call) {
    auto done = answers.expect(call);
    transport.start(static_cast<std::uint64_t>(call), {}, Duration{1000}, 1,
                    [&, done](http::Answer answer) {
                      CHECK(std::this_thread::get_id() != starter);
                      done(std::move(answer));
                    });
  }
  const std::vector<int> came = answers.wait_for(50);
  REQUIRE(came.size() == 50);
  for (int call = 1; call <= 50; ++call) CHECK(came[static_cast<std::size_t>(call) - 1] == call);
}

TEST_CASE(
    "after cancel a call is not answered any more, also when it is cancelled from an answer") {
  Answers answers;
  glue::OfflineTransport transport;
  // The first answer holds the thread up, so that the second call is surely still waiting.
  transport.start(1, {}, Duration{1000}, 1, [&, done = answers.expect(1)](http::Answer answer) {
    transport.start(2, {}, Duration{1000}, 1, answers.expect(2));
    transport.start(3, {}, Duration{1000}, 1, answers.expect(3));
    transport.cancel(2);
    transport.cancel(1);
    done(std::move(answer));
  });
  CHECK(answers.wait_for(2) == std::vector<int>{1, 3});
  transport.cancel(3);
  transport.cancel(17);
}
