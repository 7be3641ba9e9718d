#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "mobile_glue/embed.hpp"
#include "tests/mobile_glue/host.hpp"
#include "tests/mobile_glue/stepped_desk.hpp"

using namespace landfall;
using landfall::test::Host;
using landfall::test::SteppedDesk;
using landfall::test::TemporaryDirectory;
using nlohmann::json;

namespace {

constexpr const char* kStatus = R"({"id":1,"request":"engine.status"})";

landfall_engine* handle_of(std::uintptr_t number) {
  return reinterpret_cast<landfall_engine*>(number);
}

void check_refused(landfall_engine* engine, int code) {
  CHECK(landfall_send(engine, kStatus) == code);
  CHECK(landfall_enqueue(engine, "{}") == code);
  CHECK(landfall_poll(engine, 0) == nullptr);
  landfall_close(engine);
}

// Logs in up to the first question for a secret, which stays open.
void log_in_to_the_first_question(Host& host, SteppedDesk& desk) {
  auto& runtime = *glue::stepped_of(host.engine());
  test::run_all(runtime);
  host.send({{"id", 1},
             {"request", "session.login"},
             {"params", {{"email", "asha@example.com"}, {"password", "correct horse"}}}});
  test::run_all(runtime);
  REQUIRE(desk.transport().answer("/api/auth/login", 200, test::login_body("u1")));
  test::run_all(runtime);
}

}  // namespace

TEST_CASE("NULL and foreign handles are refused without being touched") {
  const TemporaryDirectory directory;
  const Host host = Host::open(directory.path());
  int on_the_stack = 0;
  check_refused(nullptr, LANDFALL_BAD_ARGUMENT);
  check_refused(handle_of(reinterpret_cast<std::uintptr_t>(&on_the_stack)), LANDFALL_BAD_ARGUMENT);
  check_refused(handle_of(0xA5), LANDFALL_BAD_ARGUMENT);
  check_refused(handle_of(UINTPTR_MAX), LANDFALL_BAD_ARGUMENT);
  // The number after the last one that was given out.
  const auto own = reinterpret_cast<std::uintptr_t>(host.engine());
  check_refused(handle_of(own + 0x100), LANDFALL_BAD_ARGUMENT);
  check_refused(handle_of(own + 1), LANDFALL_BAD_ARGUMENT);
  CHECK(landfall_send(host.engine(), nullptr) == LANDFALL_BAD_ARGUMENT);
  CHECK(landfall_enqueue(host.engine(), nullptr) == LANDFALL_BAD_ARGUMENT);
  CHECK(landfall_send(host.engine(), kStatus) == LANDFALL_OK);
}

TEST_CASE("a handle that was closed is refused for ever, also when others were opened since") {
  const TemporaryDirectory directory;
  landfall_engine* old = nullptr;
  {
    Host host = Host::open(directory.path());
    old = host.engine();
    landfall_close(old);
    CHECK(landfall_send(old, kStatus) == LANDFALL_CLOSED);
    (void)host.drain();
  }
  const Host next = Host::open(directory.path());
  CHECK(next.engine() != old);
  check_refused(old, LANDFALL_CLOSED);
  CHECK(landfall_send(next.engine(), kStatus) == LANDFALL_OK);
}

TEST_CASE("poll waits as long as it was told and no longer") {
  const TemporaryDirectory directory;
  Host host = Host::open(directory.path());
  // What the start has to say comes first.
  while (landfall_poll(host.engine(), 2'000) != nullptr) {
  }
  const auto before = std::chrono::steady_clock::now();
  CHECK(landfall_poll(host.engine(), 50) == nullptr);
  const auto waited = std::chrono::steady_clock::now() - before;
  CHECK(waited >= std::chrono::milliseconds(50));
  CHECK(waited < std::chrono::seconds(30));
  CHECK(landfall_poll(host.engine(), 0) == nullptr);
  CHECK(landfall_poll(host.engine(), -1) == nullptr);
}

TEST_CASE(
    "close withdraws questions first, then answers what is open, and may be read afterwards") {
  const TemporaryDirectory directory;
  SteppedDesk desk;
  Host host{desk.open(directory.path())};
  log_in_to_the_first_question(host, desk);
  std::int64_t question = 0;
  for (const json& message : host.drain()) question = message.value("question", question);
  REQUIRE(question > 0);

  landfall_close(host.engine());
  const std::vector<json> left = host.drain();
  REQUIRE(left.size() >= 2);
  CHECK(left.front() == json{{"cancel", question}});
  std::vector<json> replies;
  for (const json& message : left) {
    if (message.contains("reply")) replies.push_back(message);
  }
  REQUIRE(replies.size() == 1);
  CHECK(replies[0]["reply"] == 1);
  CHECK(replies[0]["error"].contains("code"));
  CHECK(landfall_poll(host.engine(), 0) == nullptr);
}

TEST_CASE("every request that was taken before close is answered, with threads") {
  const TemporaryDirectory directory;
  Host host = Host::open(directory.path());
  constexpr int kRequests = 100;
  for (int id = 1; id <= kRequests; ++id) host.send({{"id", id}, {"request", "session.status"}});
  landfall_close(host.engine());
  int replies = 0;
  for (const json& message : host.drain()) replies += message.contains("reply") ? 1 : 0;
  CHECK(replies == kRequests);
}

TEST_CASE("close wakes the thread that polls, and undrained messages may be left") {
  const TemporaryDirectory directory;
  for (int round = 0; round < 20; ++round) {
    Host host = Host::open(directory.path());
    std::atomic<bool> polls{false};
    std::thread poller([&] {
      polls = true;
      while (landfall_poll(host.engine(), 600'000) != nullptr) {
      }
    });
    while (!polls) std::this_thread::yield();
    host.send({{"id", 1}, {"request", "engine.status"}});
    landfall_close(host.engine());
    poller.join();
  }
}

TEST_CASE("closing and sending from many threads at once ends well") {
  const TemporaryDirectory directory;
  for (int round = 0; round < 20; ++round) {
    Host host = Host::open(directory.path());
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        while (landfall_send(host.engine(), kStatus) != LANDFALL_CLOSED) {
          (void)landfall_poll(host.engine(), 0);
        }
      });
      threads.emplace_back([&] { landfall_close(host.engine()); });
    }
    for (auto& thread : threads) thread.join();
  }
}

TEST_CASE("an engine whose process died leaves its directory and its actors behind") {
  const TemporaryDirectory directory;
  SteppedDesk desk;
  for (int round = 0; round < 3; ++round) {
    Host host{desk.open(directory.path())};
    log_in_to_the_first_question(host, desk);
    glue::abandon(host.engine());
    CHECK(glue::stepped_of(host.engine()) == nullptr);
    CHECK(desk.transport().open() == 0);
    check_refused(host.engine(), LANDFALL_CLOSED);
  }
  // One that never ran a step dies too.
  glue::abandon(desk.open(directory.path()));
  const Host host{desk.open(directory.path())};
}

TEST_CASE("a stepped engine is reachable only behind its own handle") {
  const TemporaryDirectory directory;
  const Host host = Host::open(directory.path());
  CHECK(glue::stepped_of(host.engine()) == nullptr);
  CHECK(glue::stepped_of(nullptr) == nullptr);
}
